/** Topics are created explicitly, with equal partition counts; brokers create none by themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../once.ts';
import type { Service } from '../service.ts';
import { deadLetterTopic, type ReaderName, topicsOf, topology } from '../topology.ts';
import { connect, loginOf } from './client/connect.ts';
import type { Admin } from './client/kafkajs.ts';
import { reasonOf } from './client/reason.ts';

/**
 * Waits for Kafka, creates those topics of the service's row that are missing, and waits for their leaders, so that the
 * first message on a brand-new cluster works. Safe when several processes do it at once.
 * @returns the number of partitions that each of the topics has
 * @throws Error when the topics exist with different numbers of partitions: a message keeps its partition on its whole way,
 * which is what keeps one customer's rides in order and lets one transactional writer own one output partition
 */
export async function ensureTopics(service: Pick<Service, 'name' | 'config' | 'log'>): Promise<number> {
  const { name, config, log } = service;
  const wanted = topicsOf(name);
  const admin = connect(service, 'admin').admin();
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.connect();
      const missing = await missingTopics(admin, wanted);
      if (missing.length) {
        await create(admin, missing, config.PARTITIONS, config.REPLICATION_FACTOR);
        log.info({ topics: missing, partitions: config.PARTITIONS }, 'created topics');
      }
      const counts = await partitionCounts(admin, wanted);
      if (counts) {
        await admin.disconnect();
        return equalCount(counts);
      }
    } catch (error) {
      if (error instanceof UnequalPartitions) throw error;
      if (attempt % 10 === 1) {
        const reason = reasonOf(error, config.KAFKA_BROKERS);
        log.warn({ brokers: config.KAFKA_BROKERS, login: loginOf(config), reason }, 'waiting for Kafka');
      }
    }
    await sleep(Math.min(50 * attempt, 1000));
  }
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
      if ((await missingTopics(admin, [topic])).length === 0) return;
      const { topics } = await admin.fetchTopicMetadata({ topics: [topology[name].reads] });
      await create(admin, [topic], topics[0]?.partitions.length ?? 0, config.REPLICATION_FACTOR);
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

/** kafkajs tells only beside the message why a topic could not be created. */
async function missingTopics(admin: Admin, wanted: string[]): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  return wanted.filter((topic) => !existing.has(topic));
}

async function create(admin: Admin, topics: string[], numPartitions: number, replicationFactor: number) {
  await admin.createTopics({
    waitForLeaders: false, // asked for below, in a way that also works on a cold cluster
    topics: topics.map((topic) => ({
      topic,
      numPartitions,
      replicationFactor,
      // A dead letter is the original message and the reason: room for both, or a message of the largest size could never be parked.
      configEntries: topic.endsWith('.dlq') ? [{ name: 'max.message.bytes', value: '2097152' }] : [],
    })),
  });
}

/** Partitions per topic, or null while a partition has no leader. */
async function partitionCounts(admin: Admin, topics: string[]): Promise<Map<string, number> | null> {
  const metadata = await admin.fetchTopicMetadata({ topics });
  const ready = metadata.topics.every(
    ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
  );
  return ready ? new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length])) : null;
}

class UnequalPartitions extends Error {}

function equalCount(counts: Map<string, number>): number {
  const [count, ...others] = new Set(counts.values());
  if (count !== undefined && others.length === 0) return count;
  const list = [...counts].map(([topic, partitions]) => `${topic} has ${partitions}`).join(', ');
  throw new UnequalPartitions(
    `the topics must have equal numbers of partitions, but ${list}; delete and create them anew`,
  );
}
