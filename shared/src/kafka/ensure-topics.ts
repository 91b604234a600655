/** Topics are created explicitly, with equal partition counts; brokers create none by themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../once.ts';
import type { Service } from '../service.ts';
import { allTopics, deadLetterTopic, type ReaderName, topicsOf, topology } from '../topology.ts';
import { connect, loginOf } from './client/connect.ts';
import type { Admin } from './client/kafkajs.ts';
import { reasonOf } from './client/reason.ts';

/** For this long, in milliseconds, a new cluster may refuse what it does a moment later. */
const settling = 3000;

/**
 * Waits for Kafka, creates those topics of the service's row that are missing, and waits for their leaders, so that the
 * first message on a brand-new cluster works. A missing topic gets as many partitions as the others have, or PARTITIONS where it is
 * among the first. Safe when several processes do it at once.
 * @returns the number of partitions that each of the topics has
 * @throws Error when the topics that are there have different numbers of partitions, and then nothing was created: a message keeps its
 * partition on its whole way, which is what keeps one customer's rides in order and lets one transactional writer own one output partition
 */
export async function ensureTopics(service: Pick<Service, 'name' | 'config' | 'log'>): Promise<number> {
  const { name, config, log } = service;
  const wanted = topicsOf(name);
  const admin = connect(service, 'admin').admin();
  const started = performance.now();
  let warned = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.connect();
      const existing = new Set(await admin.listTopics());
      const missing = wanted.filter((topic) => !existing.has(topic));
      const there = (missing.length > 0 ? allTopics() : wanted).filter((topic) => existing.has(topic));
      const described = await describeTopics(admin, there);
      const partitions = equalCount(described) ?? config.PARTITIONS;
      if (missing.length > 0) {
        if (await create(admin, missing, partitions, config.REPLICATION_FACTOR))
          log.info({ topics: missing, partitions }, 'created topics');
      } else if ([...described.values()].every(({ led }) => led)) {
        await admin.disconnect();
        return partitions;
      }
    } catch (error) {
      if (error instanceof UnequalPartitions) throw error;
      const reason = reasonOf(error, config.KAFKA_BROKERS);
      if (isNotYet(error) && performance.now() - started < settling)
        log.debug({ reason }, 'Kafka is not ready yet');
      else if (warned++ % 10 === 0)
        log.warn({ brokers: config.KAFKA_BROKERS, login: loginOf(config), reason }, 'waiting for Kafka');
    }
    await sleep(Math.min(50 * attempt, 1000));
  }
}

/** Kafka itself answers that it cannot do this now, and kafkajs would ask again. */
function isNotYet(error: unknown): boolean {
  const { name, retriable } = error as { name?: string; retriable?: boolean };
  return name === 'KafkaJSProtocolError' && retriable === true;
}

/**
 * Returns what makes the dead-letter topic of a reader again, after a failure that its absence may be the cause of. It has as many partitions as
 * the topic that is read. Never rejects, and takes a second at most: where Kafka does not answer, the next failure asks again.
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
      log.warn(
        { topic },
        'the dead-letter topic was gone, with all that was parked on it; it was made again',
      );
    } catch (error) {
      log.debug({ err: error, topic }, 'the dead-letter topic could not be looked at');
    } finally {
      admin.disconnect().catch(() => {});
    }
  }
  const restoring = new Once(() => restore().finally(() => restoring.take()));
  return async () => void (await Promise.race([restoring.get(), sleep(1000, null, { ref: false })]));
}

function create(admin: Admin, topics: string[], numPartitions: number, replicationFactor: number) {
  return admin.createTopics({
    waitForLeaders: false, // asked for afterwards, in a way that also works on a cold cluster
    topics: topics.map((topic) => ({
      topic,
      numPartitions,
      replicationFactor,
      configEntries: [
        // A dead letter is the original message and the reason: room for both, or a message of the largest size could never be parked.
        ...(topic.endsWith('.dlq') ? [{ name: 'max.message.bytes', value: '2097152' }] : []),
        // What all replicas acknowledge is then on two brokers at least, so that the loss of one loses nothing.
        ...(replicationFactor >= 3 ? [{ name: 'min.insync.replicas', value: '2' }] : []),
      ],
    })),
  });
}

/** Partitions of a topic, and whether each of them has a leader. */
type Described = Map<string, { partitions: number; led: boolean }>;

/** In the order in which they were asked for. @throws Error when one of the topics is not there */
export async function describeTopics(admin: Admin, topics: string[]): Promise<Described> {
  if (topics.length === 0) return new Map(); // kafkajs would describe all that there are
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

/** @throws UnequalPartitions with the commands that make them equal; null where there are none */
function equalCount(topics: Described): number | null {
  const counts = [...topics.values()].map(({ partitions }) => partitions);
  const most = Math.max(...counts);
  const fewer = [...topics].filter(([, { partitions }]) => partitions < most).map(([topic]) => topic);
  if (fewer.length === 0) return counts[0] ?? null;
  const list = [...topics].map(([topic, { partitions }]) => `${topic} has ${partitions}`).join(', ');
  throw new UnequalPartitions(
    `the topics must have equal numbers of partitions, but ${list}. To give all of them ${most}, which keeps every message: ` +
      `"npm run topics -- --partitions ${most}", or with Kafka's own tool, ` +
      `"kafka-topics.sh --bootstrap-server <host:port> --alter --partitions ${most} --topic '${fewer.join('|')}'"`,
  );
}
