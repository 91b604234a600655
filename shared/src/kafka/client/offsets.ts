/** Offsets in the shapes that kafkajs takes, and its errors about them. */
import type { Batch, KafkaMessage } from './kafkajs.ts';

/** The offset behind one message. */
export const after = (message: KafkaMessage) => String(BigInt(message.offset) + 1n);

/** The offset behind a whole batch. It counts the transaction markers behind the last message: an idle lag of 0, not 1. */
export const afterBatch = (batch: Batch) => String(BigInt(batch.lastOffset()) + 1n);

/** One partition's offset in the shape that kafkajs commits. */
export const offsetOf = (topic: string, partition: number, offset: string) => ({
  topics: [{ topic, partitions: [{ partition, offset }] }],
});

/** Errors by which kafkajs learns that it has to join its group again: they must reach it unchanged. */
export function isRebalance(error: unknown): boolean {
  const type = (error as { type?: string } | null)?.type ?? '';
  return [
    'REBALANCE_IN_PROGRESS',
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
    'NOT_COORDINATOR_FOR_GROUP',
  ].includes(type);
}
