/** Offsets in the shapes of kafkajs, and its errors about them. */
import type { Batch, KafkaMessage } from './kafkajs.ts';

/** The offset after one message. */
export const after = (message: KafkaMessage) => String(BigInt(message.offset) + 1n);

/**
 * The offset after a whole batch. It includes the transaction markers after the last message, so the idle lag is 0 and not 1.
 */
export const afterBatch = (batch: Batch) => String(BigInt(batch.lastOffset()) + 1n);

/** The offset of one partition in the shape that kafkajs commits. */
export const offsetOf = (topic: string, partition: number, offset: string) => ({
  topics: [{ topic, partitions: [{ partition, offset }] }],
});

/** Errors that tell kafkajs to rejoin its group. They must reach kafkajs unchanged. */
export function isRebalance(error: unknown): boolean {
  const type = (error as { type?: string } | null)?.type ?? '';
  return [
    'REBALANCE_IN_PROGRESS',
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
    'NOT_COORDINATOR_FOR_GROUP',
  ].includes(type);
}
