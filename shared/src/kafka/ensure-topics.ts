/** Topics are created explicitly, with equal partition counts; brokers create none by themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from '../at-most.ts';
import { Once } from '../once.ts';
import type { Service } from '../service.ts';
import { allTopics, deadLetterTopic, type ReaderName, topicsOf, topology } from '../topology.ts';
import { connect, loginOf } from './client/connect.ts';
import type { Admin } from './client/kafkajs.ts';
import { reasonOf } from './client/reason.ts';

/** A new cluster may reject requests for this long, in milliseconds, before it can handle them. */
const settling = 3000;
/**
 * An attempt that takes longer, in milliseconds, is given up, and the next one uses new connections. Under random faults of
 * all kinds a process once waited for more than a minute on a Kafka that answered others.
 */
const longestAttempt = 15_000;

/**
 * Waits for Kafka, creates the missing topics of the service's row, and waits for their leaders, so the first message on a new
 * cluster works. A missing topic gets as many partitions as the existing topics, or PARTITIONS if there are none. Several
 * processes can do this at once.
 * @returns the number of partitions of each topic
 * @throws Error when the existing topics have different numbers of partitions; then nothing is created. A message keeps its
 * partition number on every topic. That keeps one customer's rides in order, and lets one transactional writer own one output
 * partition
 */
export async function ensureTopics(service: Pick<Service, 'name' | 'config' | 'log'>): Promise<number> {
  const { config, log } = service;
  const started = performance.now();
  let warned = 0;
  for (let attempt = 1; ; attempt++) {
    const admin = connect(service, 'admin').admin();
    try {
      const tried = tryOnce(service, admin);
      if (!(await atMost(longestAttempt, tried))) throw new Error('Kafka does not answer');
      const partitions = await tried;
      if (partitions !== null) return partitions;
    } catch (error) {
      if (error instanceof UnequalPartitions) throw error;
      const reason = reasonOf(error, config.KAFKA_BROKERS);
      if (isNotYet(error) && performance.now() - started < settling)
        log.debug({ reason }, 'Kafka is not ready yet');
      else if (warned++ % 10 === 0)
        log.warn({ brokers: config.KAFKA_BROKERS, login: loginOf(config), reason }, 'waiting for Kafka');
    } finally {
      admin.disconnect().catch(() => {});
    }
    await sleep(Math.min(50 * attempt, 1000));
  }
}

/** @returns the number of partitions of each topic; null when the topics are not there yet, or not ready */
async function tryOnce({ name, config, log }: Parameters<typeof ensureTopics>[0], admin: Admin) {
  const wanted = topicsOf(name);
  await admin.connect();
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter((topic) => !existing.has(topic));
  const there = (missing.length > 0 ? allTopics() : wanted).filter((topic) => existing.has(topic));
  const described = await describeTopics(admin, there);
  const partitions = equalCount(described) ?? config.PARTITIONS;
  if (missing.length === 0) return [...described.values()].every(({ led }) => led) ? partitions : null;
  if (await create(admin, missing, partitions, config.REPLICATION_FACTOR))
    log.info({ topics: missing, partitions }, 'created topics');
  return null;
}

/** Kafka answered with a retriable error. */
function isNotYet(error: unknown): boolean {
  const { name, retriable } = error as { name?: string; retriable?: boolean };
  return name === 'KafkaJSProtocolError' && retriable === true;
}

/**
 * Returns a function that recreates the dead-letter topic of a reader if it is missing, with as many partitions as the topic
 * that is read. Call it after a failure that the missing topic may have caused. It never rejects and takes a second at most.
 * If Kafka does not answer, the next failure tries again.
 */
export function deadLetterKeeper(service: Service<ReaderName>): () => Promise<void> {
  const { name, config, log } = service;
  const topic = deadLetterTopic(name);
  async function restore() {
    const admin = connect(service, 'admin').admin();
    try {
      await admin.connect();
      if ((await admin.listTopics()).includes(topic)) return;
      const read = (await describeTopics(admin, [topology[name].reads])).get(topology[name].reads);
      await create(admin, [topic], read?.partitions ?? 0, config.REPLICATION_FACTOR);
      log.warn({ topic }, 'the dead-letter topic was missing, with all its dead letters; it was recreated');
    } catch (error) {
      log.debug({ err: error, topic }, 'could not check the dead-letter topic');
    } finally {
      admin.disconnect().catch(() => {});
    }
  }
  const restoring = new Once(() => restore().finally(() => restoring.take()));
  return async () => void (await Promise.race([restoring.get(), sleep(1000, null, { ref: false })]));
}

function create(admin: Admin, topics: string[], numPartitions: number, replicationFactor: number) {
  return admin.createTopics({
    waitForLeaders: false, // checked afterwards, in a way that also works on a new cluster
    topics: topics.map((topic) => ({
      topic,
      numPartitions,
      replicationFactor,
      configEntries: Object.entries(settingsOf(topic, replicationFactor)).map(([name, value]) => ({
        name,
        value: String(value),
      })),
    })),
  });
}

/** The settings of a topic that differ from those of its broker. */
export function settingsOf(topic: string, replicationFactor: number): Record<string, number> {
  return {
    // A dead letter contains the original message and the reason. Without room for both, the largest messages could not be
    // parked.
    ...(topic.endsWith('.dlq') && { 'max.message.bytes': 2_097_152 }),
    // Acknowledged records are then on at least two brokers, so losing one broker loses nothing.
    ...(replicationFactor >= 3 && { 'min.insync.replicas': 2 }),
  };
}

/** The number of partitions of each topic, and whether all of them have a leader. */
type Described = Map<string, { partitions: number; led: boolean }>;

/** In the order of `topics`. @throws Error when one of the topics does not exist */
export async function describeTopics(admin: Admin, topics: string[]): Promise<Described> {
  if (topics.length === 0) return new Map(); // kafkajs would describe all topics
  const metadata = await admin.fetchTopicMetadata({ topics });
  const partitionsOf = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions]));
  return new Map(
    topics.map((topic) => {
      const partitions = partitionsOf.get(topic) ?? [];
      return [topic, { partitions: partitions.length, led: partitions.every(({ leader }) => leader >= 0) }];
    }),
  );
}

class UnequalPartitions extends Error {}

/**
 * The common number of partitions; null if there are no topics. @throws UnequalPartitions with the commands that make them
 * equal
 */
function equalCount(topics: Described): number | null {
  const counts = [...topics.values()].map(({ partitions }) => partitions);
  const most = Math.max(...counts);
  const fewer = [...topics].filter(([, { partitions }]) => partitions < most).map(([topic]) => topic);
  if (fewer.length === 0) return counts[0] ?? null;
  const list = [...topics].map(([topic, { partitions }]) => `${topic} has ${partitions}`).join(', ');
  throw new UnequalPartitions(
    `the topics must have equal numbers of partitions, but ${list}. To give all of them ${most} partitions without losing messages, run ` +
      `"npm run topics -- --partitions ${most}", or use Kafka's own tool: ` +
      `"kafka-topics.sh --bootstrap-server <host:port> --alter --partitions ${most} --topic '${fewer.join('|')}'"`,
  );
}
