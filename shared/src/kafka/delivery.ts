/** What differs between the guarantees: when the effect of messages is made durable, and when their offset. */
import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import type { Received } from '../reading.ts';
import type { OutgoingRecord } from './records.ts';

/** A message that was handled: what is to be sent because of it, in order. */
export interface Handled {
  /** `repeat`: its effect was there already. `dropped`: given up. */
  outcome: 'done' | 'repeat' | 'dead letter' | 'dropped';
  /** Null where the message could not be read or was given up. */
  received: Received<unknown> | null;
  records: OutgoingRecord[];
  /** For the eyes of whoever listens to the feed or sets the pace. `since`: when the handler returned. */
  trace?: { offset: string; attempt: number; since: number; reason?: string };
}

/** An effect of handled messages besides the records that they lead to: all of it, or an error and nothing. */
export type Effect = (batch: Batch, handled: Handled[], nextOffset: string) => void;

export interface Delivery {
  /** Only under at-most-once: a message whose handling fails is given up. */
  readonly givesUp: boolean;
  /** A new assignment; called synchronously, before anything of it is fetched. */
  assigned(consumer: Consumer, topic: string, partitions: number[]): void;
  /** Before the first message of a batch is handled. False: leave the batch, the position was corrected. */
  begin(consumer: Consumer, payload: EachBatchPayload): Promise<boolean>;
  /**
   * Under at-most-once: makes durable that the partition goes on at `nextOffset`, before the messages in front of that are handled.
   * False: leave them, the partition was assigned anew.
   */
  claim?(payload: EachBatchPayload, nextOffset: string): Promise<boolean>;
  /** Whether the effect of this message is there already. */
  isRepeat?(batch: Batch, identity: string): boolean;
  /** The message was handled; its effect is made durable next. */
  remember?(batch: Batch, identity: string): void;
  /** Makes the effect of these messages durable, and that the partition goes on at `nextOffset`. */
  finish(payload: EachBatchPayload, handled: Handled[], nextOffset: string): Promise<void>;
  stop(): Promise<void>;
}

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

/** The offset to commit after a whole batch. Counts the transaction markers behind the last message: an idle lag of 0, not 1. */
export const afterBatch = (batch: Batch) => String(BigInt(batch.lastOffset()) + 1n);

/** One partition's offset in the shape that kafkajs commits. */
export const offsetOf = (topic: string, partition: number, offset: string) => ({
  topics: [{ topic, partitions: [{ partition, offset }] }],
});
