/** The internals of the pinned kafkajs (see pinned.ts) for reading without a group. */
import type { IHeaders, Kafka } from 'kafkajs';

export interface FetchedRecord {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
  /** A transaction marker: its key says which. */
  isControlRecord: boolean;
  batchContext: { producerId: string; producerEpoch: number; inTransaction: boolean };
}
export interface FetchedPartition {
  partition: number;
  highWatermark: string;
  lastStableOffset: string;
  lastStartOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
  messages: FetchedRecord[];
}
export interface FetchAnswer {
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(node: { nodeId: number }): Promise<{ fetch(request: object): Promise<FetchAnswer> }>;
  fetchTopicsOffset(
    topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
  findGroupCoordinator(of: { groupId: string }): Promise<{
    offsetCommit(request: object): Promise<unknown>;
  }>;
  brokerPool: { metadata: { brokers: unknown[] } | null };
  isolationLevel: number;
}

/** Whether to read records of open and aborted transactions, and whether a partition ends before the oldest open one. */
const isolationLevels = { uncommitted: 0, committed: 1 };
export type Isolation = keyof typeof isolationLevels;

/** A cluster with the settings of a Kafka object. The Kafka object does not export the function that creates its clusters. */
export function clusterOf(kafka: Kafka, isolation: Isolation): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol as symbol];
  if (!create) throw new Error('the runtime does not support this version of kafkajs');
  return create({
    allowAutoTopicCreation: false,
    metadataMaxAge: 300_000,
    isolationLevel: isolationLevels[isolation],
  });
}

/**
 * Commits offsets of a group without being a member of it. `setOffsets` of kafkajs joins the group for that.
 * @throws KafkaJSProtocolError UNKNOWN_MEMBER_ID while the group has members
 */
export async function commitAsNobody(
  kafka: Kafka,
  groupId: string,
  topic: string,
  partitions: { partition: number; offset: string }[],
): Promise<void> {
  const cluster = clusterOf(kafka, 'committed');
  await cluster.connect();
  try {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    await coordinator.offsetCommit({
      groupId,
      memberId: '',
      groupGenerationId: -1,
      topics: [{ topic, partitions }],
    });
  } finally {
    await cluster.disconnect();
  }
}
