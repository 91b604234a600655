/**
 * Reads topics from its position to their ends, as a read-committed reader without a group. kafkajs has no such call, so this
 * is built from its parts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaConfig, logLevel } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { type Cluster, clusterOf, type Fetched, readCommitted } from './cluster.ts';
import { committedOnly } from './committed-only.ts';
import type { Raw } from './records.ts';

export type Connection = Pick<KafkaConfig, 'ssl' | 'sasl'>;
type Offsets = Map<number, number>;

/** A transaction that is open for longer than this, in milliseconds, has no live owner: the broker ends it after 10 to 20 s. */
const patience = 40_000;
const attempts = 10;

export class TopicLog {
  readonly #brokers: string[];
  readonly #cluster: Cluster;
  readonly #admin;
  #known = new Set<string>();

  constructor(brokers: string[], connection: Connection = {}) {
    this.#brokers = brokers;
    const kafka = new Kafka({
      clientId: 'rideflow-check',
      brokers,
      ...connection,
      logLevel: logLevel.NOTHING,
      requestTimeout: 10_000,
      connectionTimeout: 3000,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: attempts },
    });
    this.#cluster = clusterOf(kafka);
    this.#admin = kafka.admin();
  }

  /**
   * @throws Error when Kafka cannot be reached, or a topic in `needed` does not exist. A missing topic in `optional` counts as
   * empty
   */
  async open(needed: string[], optional: string[]): Promise<void> {
    await this.#admin.connect().catch((error: Error) => {
      throw new Error(`Kafka does not answer at ${this.#brokers.join(',')}: ${error.message}`);
    });
    const there = new Set(await this.#admin.listTopics());
    const missing = needed.filter((topic) => !there.has(topic));
    if (missing.length > 0)
      throw new Error(
        `there is no topic ${missing.join(' and no topic ')}. Has rideflow run on this cluster before?`,
      );
    this.#known = new Set([...needed, ...optional].filter((topic) => there.has(topic)));
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics([...this.#known]);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#admin.disconnect(), this.#cluster.disconnect()]);
  }

  /** First offset of each partition: of the first message, or of the first message at this time or later. */
  starts(topic: string, time?: number): Promise<Offsets> {
    return this.#offsets(topic, time === undefined ? { fromBeginning: true } : { fromTimestamp: time });
  }

  /** The offset after the last message of each partition, including messages of open transactions. */
  ends(topic: string): Promise<Offsets> {
    return this.#offsets(topic, { fromBeginning: false });
  }

  /** The committed offsets of a group. A partition without one is missing. */
  async committed(group: string, topic: string): Promise<Offsets> {
    const answers = await this.#again(() => this.#admin.fetchOffsets({ groupId: group, topics: [topic] }));
    const offsets = (answers[0]?.partitions ?? []).map((one) => [one.partition, Number(one.offset)] as const);
    return new Map(offsets.filter(([, offset]) => offset >= 0));
  }

  /**
   * Calls back for each record from `from` up to `to`, in the order of each partition. Moves `from` forward.
   * @throws Error when a transaction stays open, or the partition cannot be read
   */
  async read(topic: string, from: Offsets, to: Offsets, onRecord: (partition: number, record: Raw) => void) {
    const position = (partition: number) => from.get(partition) ?? 0;
    for (let moved = Date.now(); ; ) {
      const behind = [...to].filter(([partition, end]) => position(partition) < end);
      const [first] = behind;
      if (!first) return;
      if (Date.now() - moved > patience)
        throw new Error(
          `${topic}/${first[0]} cannot be read after offset ${position(first[0])}: a transaction has been open there for ${patience / 1000} s`,
        );
      const wanted = new Map(behind.map(([partition]) => [partition, position(partition)]));
      const answers = await this.#fetch(topic, wanted).catch((error: Error & { type?: string }) => {
        if (error.type !== 'OFFSET_OUT_OF_RANGE') throw error;
        return null;
      });
      if (!answers) {
        // The next message has been deleted meanwhile.
        for (const [partition, start] of await this.starts(topic))
          from.set(partition, Math.max(position(partition), start));
        continue;
      }
      for (const { partition, messages, abortedTransactions } of answers) {
        const [next, end] = [position(partition), to.get(partition) ?? 0];
        for (const record of committedOnly(messages, abortedTransactions ?? [])) {
          const offset = Number(record.offset);
          if (offset >= next && offset < end) onRecord(partition, record);
        }
        const last = messages.at(-1);
        if (!last) continue;
        from.set(partition, Math.max(next, Math.min(end, Number(last.offset) + 1)));
        moved = Date.now();
      }
    }
  }

  /** One request to each leader: kafkajs opens and leaks a connection when several requests need the first one. */
  #fetch(topic: string, from: Offsets): Promise<Fetched[]> {
    return this.#again(async () => {
      const requests = new Map<number, object[]>();
      for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(topic)) {
        const offset = from.get(partitionId);
        if (offset === undefined) continue;
        if (leader < 0) throw new Error(`${topic}/${partitionId} has no leader`);
        const request = { partition: partitionId, fetchOffset: String(offset), maxBytes: 1_048_576 };
        requests.set(leader, [...(requests.get(leader) ?? []), request]);
      }
      const answers = await Promise.all(
        [...requests].map(async ([nodeId, partitions]) => {
          const broker = await this.#cluster.findBroker({ nodeId });
          return broker.fetch({
            isolationLevel: readCommitted,
            maxWaitTime: 250,
            topics: [{ topic, partitions }],
          });
        }),
      );
      return answers.flatMap(({ responses }) => responses.flatMap(({ partitions }) => partitions));
    });
  }

  async #offsets(topic: string, which: object): Promise<Offsets> {
    if (!this.#known.has(topic)) return new Map();
    const [answer] = await this.#again(() => {
      const partitions = this.#cluster.findTopicPartitionMetadata(topic);
      const wanted = partitions.map(({ partitionId }) => ({ partition: partitionId }));
      return this.#cluster.fetchTopicsOffset([{ topic, partitions: wanted, ...which }]);
    });
    return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** Retries, because a broker may have restarted or a leader may have moved. */
  async #again<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (attempt === attempts || (error as { type?: string }).type === 'OFFSET_OUT_OF_RANGE') throw error;
        await sleep(100 * attempt);
        await this.#cluster.refreshMetadata().catch(() => {});
      }
    }
  }
}
