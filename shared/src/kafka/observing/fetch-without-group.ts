/**
 * Reads partitions without a group, one request at a time. kafkajs has no such call, so this uses the internals of its
 * cluster.
 */
import type { Cluster, FetchedPartition, FetchedRecord } from '../client/kafkajs-internals.ts';

export interface Partition {
  topic: string;
  partition: number;
}

/** Offsets are numbers, because they stay below 2^53. */
export interface Bounds extends Partition {
  /** The first offset that Kafka still keeps. */
  start: number;
  /**
   * The end for this reader: the next offset to be written, or, for a read-committed reader, the start of the oldest open
   * transaction.
   */
  end: number;
}

/** One partition in an answer of Kafka. */
export interface Fetched extends Partition {
  /** The first offset that Kafka still keeps. */
  start: number;
  /** The next offset to be written. */
  end: number;
  /** The last stable offset: the start of the oldest open transaction, or else `end`. */
  stable: number;
  /** The next offset to read, after markers and hidden records. */
  next: number;
  /** In order. A read-committed reader gets no markers and no aborted records. Keys and values are slices of the answer. */
  records: FetchedRecord[];
}

interface Limits {
  /** How long the broker waits for new records, in milliseconds. */
  maxWait: number;
  /** For one partition. A larger first batch is returned completely. */
  maxBytes: number;
}

/** Fetches records from `next` on from the broker that leads these partitions. @throws errors of kafkajs */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: number,
  from: (Partition & { next: number })[],
  { maxWait, maxBytes }: Limits,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const byTopic = Map.groupBy(from, ({ topic }) => topic);
  const { responses } = await broker.fetch({
    isolationLevel: cluster.isolationLevel,
    maxWaitTime: maxWait,
    maxBytes: 4 * maxBytes,
    topics: [...byTopic].map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, next }) => ({
        partition,
        fetchOffset: String(next),
        maxBytes,
      })),
    })),
  });
  return responses.flatMap(({ topicName: topic, partitions }) =>
    partitions.map((answer) => {
      const asked = byTopic.get(topic)?.find(({ partition }) => partition === answer.partition);
      return fetched(topic, asked?.next ?? 0, answer, cluster.isolationLevel > 0);
    }),
  );
}

function fetched(topic: string, asked: number, answer: FetchedPartition, committed: boolean): Fetched {
  const { partition, messages } = answer;
  // A fetch returns whole batches, so it can contain records before the requested offset.
  const all = messages.filter(({ offset }) => Number(offset) >= asked);
  const newest = all.at(-1);
  // Batches without a record at or after that offset: compaction has removed the rest.
  const behind = messages.length > 0 ? asked + 1 : asked;
  return {
    topic,
    partition,
    start: Number(answer.lastStartOffset),
    end: Number(answer.highWatermark),
    stable: Number(answer.lastStableOffset),
    next: newest ? Number(newest.offset) + 1 : behind,
    // Aborted records are control records here: see repairs/aborted-transactions.ts.
    records: committed ? all.filter(({ isControlRecord }) => !isControlRecord) : all,
  };
}

/** The partitions that each broker leads. @throws Error when one has no leader or a topic does not exist */
export function leadersOf(cluster: Cluster, topics: string[]): Map<number, Partition[]> {
  const leaders = new Map<number, Partition[]>();
  for (const topic of topics) {
    const partitions = cluster.findTopicPartitionMetadata(topic);
    if (partitions.length === 0) throw new Error(`the topic ${topic} does not exist`);
    for (const { partitionId: partition, leader } of partitions) {
      if (leader < 0) throw new Error(`${topic}/${partition} has no leader`);
      leaders.set(leader, [...(leaders.get(leader) ?? []), { topic, partition }]);
    }
  }
  return leaders;
}

/** All partitions of these topics, by topic. @throws errors of kafkajs */
export async function boundsOf(cluster: Cluster, topics: string[]): Promise<Bounds[]> {
  const partitionsOf = (topic: string) =>
    cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
  const ask = async (fromBeginning: boolean) => {
    const asked = topics.map((topic) => ({ topic, fromBeginning, partitions: partitionsOf(topic) }));
    const answer = await cluster.fetchTopicsOffset(asked);
    const offsets = answer.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
    );
    return new Map(offsets);
  };
  const [starts, ends] = [await ask(true), await ask(false)];
  return topics.flatMap((topic) =>
    partitionsOf(topic).map(({ partition }) => {
      const start = starts.get(`${topic}/${partition}`) ?? 0;
      return { topic, partition, start, end: Math.max(start, ends.get(`${topic}/${partition}`) ?? 0) };
    }),
  );
}
