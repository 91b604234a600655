/**
 * Reads a stretch of one partition, without a group: kafkajs has no such call, its parts are joined here. It needs the inner
 * cluster and batch of the pinned version (see client/pinned.ts).
 */
import { createRequire } from 'node:module';
import { clusterOf, isolation } from '../client/cluster.ts';
import type { Kafka, KafkaMessage } from '../client/kafkajs.ts';

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
    await cluster.addMultipleTargetTopics([topic]);
    const { leader } =
      cluster.findTopicPartitionMetadata(topic).find((p) => p.partitionId === partition) ?? {};
    if (leader === undefined) throw new Error(`${topic}/${partition} has no leader`);
    const broker = await cluster.findBroker({ nodeId: leader });
    for (let next = at.from; next < to; ) {
      const { responses } = await broker.fetch({
        isolationLevel: isolation.readCommitted,
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
