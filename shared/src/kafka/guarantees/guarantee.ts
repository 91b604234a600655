/**
 * The differences between the guarantees: when the effect of messages becomes durable, and when their offset does. Each
 * guarantee has its own file in this folder.
 */
import type { Received } from '../../reading.ts';
import type { BatchTrace, Processing } from '../../tracing/spans.ts';
import type { Consumer } from '../client/kafkajs.ts';
import type { Member } from '../client/transactions-v2/membership.ts';
import type { OutgoingRecord } from '../writing/records.ts';

/** A handled message, with the records to send for it, in order. */
export interface Handled {
  /** `repeat`: it already had its effect. `dropped`: given up. */
  outcome: 'done' | 'repeat' | 'dead letter' | 'dropped';
  /** Null if the message was unreadable or given up. */
  received: Received<unknown> | null;
  records: OutgoingRecord[];
  /** Its effect is durable from an earlier attempt whose commit failed. */
  applied?: true;
  /** For the feed and the pace. `since`: when the handler returned. */
  trace?: { offset: string; attempt: number; since: number; reason?: string };
  /** Its spans, if it is traced. */
  processing?: Processing;
}

/** An effect of handled messages in addition to their records. Applies everything, or throws and applies nothing. */
export type Effect = (partition: number, handled: Handled[], nextOffset: string) => void;

export interface Guarantee {
  /** Only with at-most-once: a failed message is given up. */
  readonly givesUp: boolean;
  /**
   * A handled message is not handled again if its effect or its offset could not be made durable. Its outcome is kept, and
   * `apply` gets the same record objects again and recognises those that are already written.
   */
  readonly keepsHandled: boolean;
  /**
   * Called synchronously when this process gets the partition, before anything of it is fetched.
   * @param member the consumer in the generation of the group that assigned the partition
   */
  assign(consumer: Consumer, topic: string, partition: number, member: Member): AssignedPartition;
  stop(): Promise<void>;
}

/** The identities of messages that already had their effect. */
export interface Decided {
  has(identity: string): boolean;
  add(identity: string): void;
}

/** Commits, as a member of the group, that the partition continues from this offset. */
export type CommitOffset = (nextOffset: string) => Promise<void>;

/**
 * One partition during one partition assignment. Step 1 is called for each batch, steps 2 to 4 for each slice of a batch, and
 * step 5 at the end. A batch that is still in progress when the partition is assigned again keeps its `AssignedPartition`,
 * which is then closed.
 */
export interface AssignedPartition {
  /**
   * Step 1, before the first message of a batch. Resolves with the offset that the partition must continue from, or with null
   * if the batch may be handled as fetched.
   */
  begin(): Promise<string | null>;

  /**
   * Step 2, only with at-most-once: commits the offset before the messages up to it are handled. False: do not handle them,
   * because the partition was assigned again.
   */
  claim?(nextOffset: string, commitOffset: CommitOffset): Promise<boolean>;

  /** The messages that already had their effect. Only `exactly-once-topic.ts` knows them. */
  readonly decided?: Decided | undefined;

  /** Step 3 writes into a transaction that step 4 ends: how long a pause in between may last, in milliseconds. */
  readonly longestHold?: number;

  /** Step 3. Makes the effect of these messages durable, or writes it into a transaction that is still open. */
  apply(handled: Handled[], nextOffset: string, trace?: BatchTrace): Promise<void>;

  /** Step 4. Makes durable that the partition continues from this offset, unless step 2 did, and ends the transaction. */
  commit(nextOffset: string, commitOffset: CommitOffset, trace?: BatchTrace): Promise<void>;

  /** Nothing of this partition was ever read, so deleted messages are not reported as lost. */
  readonly isNew?: boolean;

  /**
   * The committed offset is no longer in the log. Makes the new offset durable in a way that an earlier owner cannot undo. A
   * guarantee without this method commits the offset as a member of the group.
   */
  moveTo?(offset: string): Promise<void>;

  /** Step 5. The partition assignment has ended. No more offsets are committed. */
  close(): void;
}

/** @throws Error when the partition assignment of the messages has ended, because another process may have started with them */
export function expectAssigned(closed: boolean): void {
  if (closed) throw new Error('the partition was reassigned');
}
