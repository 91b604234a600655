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

type Creators = Record<symbol, (options: object) => Cluster>;

/** The function that creates the clusters of a Kafka object. kafkajs does not export it. */
function creatorOf(kafka: Kafka) {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  ) as symbol;
  const create = (kafka as unknown as Creators)[symbol];
  if (!create) throw new Error('the runtime does not support this version of kafkajs');
  return { symbol, create };
}

/** Calls back for each cluster that the Kafka object creates from now on: one for each client. */
export function onClusters(kafka: Kafka, created: (cluster: Cluster) => void): void {
  const { symbol, create } = creatorOf(kafka);
  (kafka as unknown as Creators)[symbol] = (options) => {
    const cluster = create(options);
    created(cluster);
    return cluster;
  };
}

/** A cluster with the settings of a Kafka object. */
export function clusterOf(kafka: Kafka, isolation: Isolation): Cluster {
  return creatorOf(kafka).create({
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
