/** Reading partitions without a group, one request at a time. kafkajs has no such call: it is made of the inner parts of a cluster. */
import type { Cluster, FetchedPartition, FetchedRecord } from '../client/kafkajs-internals.ts';

export interface Partition {
  topic: string;
  partition: number;
}

/** Offsets are numbers: they stay below 2^53. */
export interface Bounds extends Partition {
  /** The first offset that Kafka still has. */
  start: number;
  /** Where reading ends: the next offset that will be written, or for a read-committed reader the oldest open transaction. */
  end: number;
}

/** What one answer of Kafka says about one partition. */
export interface Fetched extends Partition {
  /** The first offset that Kafka still has. */
  start: number;
  /** The next offset that will be written. */
  end: number;
  /** Where a read-committed reader has to stop: the start of the oldest open transaction, else `end`. */
  stable: number;
  /** Where reading goes on, behind markers and hidden records too. */
  next: number;
  /** In order. A read-committed reader gets neither markers nor what aborted transactions wrote. Slices of the answer. */
  records: FetchedRecord[];
}

interface Limits {
  /** How long the fetch waits at the broker for something new, in milliseconds. */
  maxWait: number;
  /** Of one partition; a first batch that is larger comes whole. */
  maxBytes: number;
}

/** Asks one broker, which leads these partitions, for what there is from `next` on. @throws what kafkajs throws */
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
  // A fetch answers with whole batches, so with records before the place that was asked for.
  const all = messages.filter(({ offset }) => Number(offset) >= asked);
  const newest = all.at(-1);
  // Batches without a record at or behind that place: compaction has left nothing else of them.
  const behind = messages.length > 0 ? asked + 1 : asked;
  return {
    topic,
    partition,
    start: Number(answer.lastStartOffset),
    end: Number(answer.highWatermark),
    stable: Number(answer.lastStableOffset),
    next: newest ? Number(newest.offset) + 1 : behind,
    // What is aborted counts as a control record by now: repairs/aborted-transactions.ts.
    records: committed ? all.filter(({ isControlRecord }) => !isControlRecord) : all,
  };
}

/** Which partitions each broker leads. @throws Error when one has no leader or a topic is not there */
export function leadersOf(cluster: Cluster, topics: string[]): Map<number, Partition[]> {
  const leaders = new Map<number, Partition[]>();
  for (const topic of topics) {
    const partitions = cluster.findTopicPartitionMetadata(topic);
    if (partitions.length === 0) throw new Error(`${topic} is not there`);
    for (const { partitionId: partition, leader } of partitions) {
      if (leader < 0) throw new Error(`${topic}/${partition} has no leader`);
      leaders.set(leader, [...(leaders.get(leader) ?? []), { topic, partition }]);
    }
  }
  return leaders;
}

/** All partitions of these topics, topic by topic. @throws what kafkajs throws */
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
