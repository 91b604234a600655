/** The kafkajs internals for reading without a group. */
import type { Kafka } from '@rideflow/shared/kafka/client/kafkajs.ts';
import type { Raw } from './records.ts';

export interface Record extends Raw {
  isControlRecord: boolean;
  key: Buffer | null;
  batchContext: { producerId: string; inTransaction: boolean };
}
export interface Fetched {
  partition: number;
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
  messages: Record[];
}
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(node: { nodeId: number }): Promise<{
    fetch(request: object): Promise<{ responses: { partitions: Fetched[] }[] }>;
  }>;
  fetchTopicsOffset(topics: object[]): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
}

export const [readUncommitted, readCommitted] = [0, 1];

/** A cluster with the settings of a Kafka object. The Kafka object does not export the function that creates its clusters. */
export function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = (kafka as unknown as { [name: symbol]: (options: object) => Cluster })[symbol as symbol];
  if (!create) throw new Error('the checker does not support this version of kafkajs');
  return create({
    allowAutoTopicCreation: false,
    metadataMaxAge: 300_000,
    isolationLevel: readUncommitted, // of the ends
  });
}
