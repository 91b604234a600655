/** The environment of the bench: its own broker, topics that can be emptied, and the services as real processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReaderName } from '@rideflow/shared/topology.ts';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { type ProcessName, System } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import { allTopics } from '../support/log.ts';
import { type Sink, startSink } from './sink.ts';

/** The topic that the controls write. */
export const copied = 'copied';
/** The topic that the pipeline controls read. */
export const orders = 'orders';
/** The topic that the transactional copy reads. */
export const exactOrders = 'exact-orders';

export interface Ground {
  brokers: string[];
  /** One sentence about the broker. */
  how: string;
  kafka: Kafka;
  admin: Admin;
  system: System;
  sink: Sink;
  /** Empties topics, groups and statistics. No service may run. */
  clear(partitions?: number): Promise<void>;
  /** Empties one topic. */
  empty(topic: string): Promise<void>;
  /** Resets one reader, including its statistics. */
  forget(reader: ReaderName): Promise<void>;
  /** Starts one service. Resolves with its process id, when it is ready or at once. */
  start(name: ProcessName, options?: { wait: boolean }): Promise<number>;
  /** Starts another process of a service. Returns its process id at once. */
  startAnother(name: ProcessName): Promise<number>;
  /** Stops the running services. */
  stopServices(): Promise<void>;
  stop(): Promise<void>;
}

export async function createGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-bench-'));
  // Never uses the cluster in KAFKA_BROKERS, because the bench deletes topics.
  const env = { ...process.env, KAFKA_BROKERS: undefined };
  const { PATH, KAFKA_TRANSACTION_VERSION } = process.env;
  const dataDir = join(folder, 'kafka');
  // As a local process if possible, because the port proxy of Docker needs processor time too.
  const broker = await startBroker({ dataDir, env, way: 'local' }).catch(() => startBroker({ dataDir, env }));
  const sink = await startSink();
  const [rides = 0, transaction = 0, email = 0, analytics = 0] = await freePorts(4);
  const database = join(folder, 'analytics.sqlite');
  let lines: string[] = [];
  const system = new System({
    brokers: broker.brokers,
    ports: { rides, transaction, email, analytics, mailbox: 0, smtp: sink.port },
    database,
    replicationFactor: 1,
    env: { PATH, KAFKA_TRANSACTION_VERSION },
    onLine: (name, line) => {
      lines = [...lines.slice(-9), `${name}: ${line}`];
    },
    onEvent: ({ name, what, detail }) => {
      if (what === 'ended') console.error(`${name} ended unasked: ${detail}\n${lines.join('\n')}`);
    },
  });
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = [...allTopics, copied, orders, exactOrders];

  async function rmDatabase() {
    for (const end of ['', '-wal', '-shm', '-journal']) await rm(database + end, { force: true });
  }
  async function stopServices() {
    await Promise.all([...system.children.values()].map((child) => child.running && child.stop()));
  }

  return {
    brokers: broker.brokers,
    how: broker.how,
    kafka,
    admin,
    system,
    sink,
    stopServices,
    async clear(partitions = 3) {
      const { groups } = await admin.listGroups();
      // A killed control may still be a group member, so its group is never reused.
      for (const { groupId } of groups) await admin.deleteGroups([groupId]).catch(() => {});
      const existing = await admin.listTopics();
      const old = topics.filter((topic) => existing.includes(topic));
      if (old.length > 0) await admin.deleteTopics({ topics: old });
      const wanted = topics.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 }));
      await eventually(async () => {
        if (!(await admin.createTopics({ topics: wanted, waitForLeaders: false })))
          throw new Error('the old topics still exist');
      });
      await eventually(() => haveLeaders(admin, topics));
      await rmDatabase();
    },
    async empty(topic) {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic, partitions });
    },
    async forget(reader) {
      await eventually(() => deleteGroup(admin, reader));
      if (reader === 'analytics') await rmDatabase();
    },
    async startAnother(name) {
      const [port = 0] = await freePorts(1);
      return system.run(name, { as: `${name}-${port}`, port }).pid;
    },
    async start(name, { wait } = { wait: true }) {
      const child = system.run(name);
      if (wait) await system.ready(name);
      return child.pid;
    },
    async stop() {
      await system.stop();
      await admin.disconnect();
      await sink.stop();
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function haveLeaders(admin: Admin, topics: string[]) {
  const metadata = await admin.fetchTopicMetadata({ topics });
  const leaders = metadata.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
  if (leaders.length === 0 || leaders.some((leader) => leader < 0)) throw new Error('no leader yet');
}

async function deleteGroup(admin: Admin, group: string) {
  const { groups } = await admin.listGroups();
  if (groups.some(({ groupId }) => groupId === group)) await admin.deleteGroups([group]);
}
