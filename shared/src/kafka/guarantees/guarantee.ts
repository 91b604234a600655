/**
 * What differs between the guarantees: when the effect of messages becomes durable, and when their offset does. One file for each
 * guarantee stands beside this one.
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
  /** Its effect is durable since an earlier attempt, whose offset could not be committed. */
  applied?: true;
  /** For the eyes of whoever listens to the feed or sets the pace. `since`: when the handler returned. */
  trace?: { offset: string; attempt: number; since: number; reason?: string };
}

/** An effect of handled messages besides the records that they lead to: all of it, or an error and nothing. */
export type Effect = (partition: number, handled: Handled[], nextOffset: string) => void;

export interface Guarantee {
  /** Only under at-most-once: a message whose handling fails is given up. */
  readonly givesUp: boolean;
  /**
   * A message that was handled is not handled again when its effect or its offset could not be made durable: its outcome is kept, and
   * the records that it leads to are known by the objects that they are.
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

/** Commits, as a member of the group, that the partition goes on at this offset. */
export type CommitOffset = (nextOffset: string) => Promise<void>;

/**
 * One partition for as long as one assignment of it lasts. The reader calls 1 for each batch, 2 to 4 for each slice of a batch, and
 * 5 at the end. A batch that is still in hand when the partition is assigned anew keeps the object it began with, which is closed by then.
 */
export interface AssignedPartition {
  /**
   * 1. Before the first message of a batch. Resolves with the offset that the partition must go on at, or with null where it
   * goes on behind what it applied last.
   */
  begin(): Promise<string | null>;

  /**
   * 2. Only under at-most-once: commits the offset before the messages in front of it are handled. False: leave them, the partition
   * was assigned anew.
   */
  claim?(nextOffset: string, commitOffset: CommitOffset): Promise<boolean>;

  /** While messages are handled: which of them have had their effect before. Only exactly once to a topic knows. */
  readonly decided?: Decided | undefined;

  /** 3 writes into a transaction that 4 ends. */
  readonly inTransaction?: true;

  /** 3. Makes the effect of these messages durable, or writes it into a transaction that is still open. */
  apply(handled: Handled[], nextOffset: string): Promise<void>;

  /** 4. Makes durable that the partition goes on at this offset, unless 2 did, and ends the transaction. */
  commit(nextOffset: string, commitOffset: CommitOffset): Promise<void>;

  /** Nothing was ever read of this partition: what the log no longer has is not missed. */
  readonly isNew?: boolean;

  /**
   * The log does not have the partition's offset any more. Makes durable where the partition goes on instead, in a way that
   * an earlier owner cannot undo. Where this is missing, the offset is committed as a member of the group.
   */
  moveTo?(offset: string): Promise<void>;

  /** 5. The assignment is over. Nothing is written any more. */
  close(): void;
}

/** @throws Error when the assignment that the messages came with is over: another process may have begun with them */
export function expectAssigned(closed: boolean): void {
  if (closed) throw new Error('the partition was assigned anew');
}
