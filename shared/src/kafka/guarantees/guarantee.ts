/**
 * What differs between the guarantees: when the effect of messages becomes durable, and when their offset does. Each guarantee has
 * a file of its own in this folder.
 */
import type { Received } from '../../reading.ts';
import type { Consumer } from '../client/kafkajs.ts';
import type { OutgoingRecord } from '../writing/records.ts';

/** A message that was handled: what is to be sent because of it, in order. */
export interface Handled {
  /** `repeat`: its effect was there already. `dropped`: given up. */
  outcome: 'done' | 'repeat' | 'dead letter' | 'dropped';
  /** Null where the message could not be read or was given up. */
  received: Received<unknown> | null;
  records: OutgoingRecord[];
  /** Its effect has been durable since an earlier attempt, whose offset could not be committed. */
  applied?: true;
  /** For the feed and the pace. `since`: when the handler returned. */
  trace?: { offset: string; attempt: number; since: number; reason?: string };
}

/** An effect of handled messages besides the records that they lead to. It applies all of it, or throws and applies nothing. */
export type Effect = (partition: number, handled: Handled[], nextOffset: string) => void;

export interface Guarantee {
  /** Only under at-most-once: a message whose handling fails is given up. */
  readonly givesUp: boolean;
  /**
   * A message that was handled is not handled again when its effect or its offset could not be made durable. Its outcome is kept, and
   * the same record objects are handed to `apply` again, which recognises those that are written already.
   */
  readonly keepsHandled: boolean;
  /** This process has the partition now. Called synchronously, before anything of it is fetched. */
  assign(consumer: Consumer, topic: string, partition: number): AssignedPartition;
  stop(): Promise<void>;
}

/** The identities of messages that have had their effect. */
export interface Decided {
  has(identity: string): boolean;
  add(identity: string): void;
}

/** Commits, as a member of the group, that the partition continues from this offset. */
export type CommitOffset = (nextOffset: string) => Promise<void>;

/**
 * One partition for as long as one assignment of it lasts. Step 1 is called for each batch, steps 2 to 4 for each slice of a
 * batch, and step 5 at the end. A batch that is still in hand when the partition is assigned again keeps the `AssignedPartition` that it
 * began with, which is closed by then.
 */
export interface AssignedPartition {
  /**
   * Step 1, before the first message of a batch. Resolves with the offset that the partition must continue from, or with null where
   * the batch may be handled as it was fetched.
   */
  begin(): Promise<string | null>;

  /**
   * Step 2, only under at-most-once: commits the offset before the messages in front of it are handled. False: do not handle them,
   * because the partition was assigned again.
   */
  claim?(nextOffset: string, commitOffset: CommitOffset): Promise<boolean>;

  /** Which messages have had their effect before. Only `exactly-once-topic.ts` knows. */
  readonly decided?: Decided | undefined;

  /** Step 3 writes into a transaction that step 4 ends: how long a pause in between may last, in milliseconds. */
  readonly longestHold?: number;

  /** Step 3. Makes the effect of these messages durable, or writes it into a transaction that is still open. */
  apply(handled: Handled[], nextOffset: string): Promise<void>;

  /** Step 4. Makes durable that the partition continues from this offset, unless step 2 did, and ends the transaction. */
  commit(nextOffset: string, commitOffset: CommitOffset): Promise<void>;

  /** Nothing of this partition was ever read, so what the log no longer has is not reported as lost. */
  readonly isNew?: boolean;

  /**
   * The log no longer has the partition's offset. Makes durable where the partition continues instead, in a way that an earlier owner
   * cannot undo. A guarantee without this commits the offset as a member of the group.
   */
  moveTo?(offset: string): Promise<void>;

  /** Step 5. The assignment is over. No offset is committed any more. */
  close(): void;
}

/** @throws Error when the assignment that the messages came with is over: another process may have begun with them */
export function expectAssigned(closed: boolean): void {
  if (closed) throw new Error('the partition was reassigned');
}
