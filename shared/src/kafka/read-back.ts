/**
 * Reads a stretch of one partition, without a group: kafkajs has no such call, its parts are joined here. It needs the inner
 * cluster and batch of the pinned version (see overrides.ts).
 */
import { createRequire } from 'node:module';
import type { Kafka, KafkaMessage } from 'kafkajs';

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(node: { nodeId: number }): Promise<{ fetch(request: object): Promise<FetchAnswer> }>;
}
interface FetchAnswer {
  responses: { partitions: object[] }[];
}
interface Batch {
  messages: KafkaMessage[];
  isEmptyIncludingFiltered(): boolean;
  lastOffset(): string;
}

const require = createRequire(import.meta.url);
const Batch = require('kafkajs/src/consumer/batch') as new (
  topic: string,
  from: string,
  data: object,
) => Batch;
const readCommitted = 1;

/**
 * Calls back for each record that a read-committed reader sees, from the offset `from` up to but without `to`.
 * @throws whatever kafkajs throws when the partition's leader cannot be read; what was read until then was called back
 */
export async function readBack(
  kafka: Kafka,
  at: { topic: string; partition: number; from: bigint; to: bigint },
  onRecord: (record: KafkaMessage) => void,
): Promise<void> {
  const { topic, partition, to } = at;
  if (at.from >= to) return;
  const cluster = clusterOf(kafka);
  await cluster.connect();
  try {
    await cluster.addTargetTopic(topic);
    const { leader } =
      cluster.findTopicPartitionMetadata(topic).find((p) => p.partitionId === partition) ?? {};
    if (leader === undefined) throw new Error(`${topic}/${partition} has no leader`);
    const broker = await cluster.findBroker({ nodeId: leader });
    for (let next = at.from; next < to; ) {
      const { responses } = await broker.fetch({
        isolationLevel: readCommitted,
        maxWaitTime: 500,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: 1_048_576 }] }],
      });
      const batch = new Batch(topic, String(next), responses[0]?.partitions[0] as object);
      if (batch.isEmptyIncludingFiltered()) continue; // nothing within the wait: the end is there, so it will come
      for (const message of batch.messages) if (BigInt(message.offset) < to) onRecord(message);
      next = BigInt(batch.lastOffset()) + 1n;
    }
  } finally {
    await cluster.disconnect();
  }
}

/** A cluster with the settings of a Kafka object, which keeps the maker of its clusters to itself. */
function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol as symbol];
  if (!create) throw new Error('this is not the kafkajs that the runtime was made for');
  return create({ allowAutoTopicCreation: false, metadataMaxAge: 300_000 });
}
