/** What was seen, before anybody judges it. Offsets are whole numbers, times milliseconds since 1970. */
import type { Accepted, MailSeen, StatisticsSeen } from './check.ts';

/** A record that read-committed readers see. */
export interface Entry {
  partition: number;
  offset: number;
  /** When Kafka got it. */
  timestamp: number;
  /** `ce_id`, or its coordinates and timestamp where a foreign writer gave none; never the foreign `id`. */
  identity: string;
  /** The one reader that a replayed record is for; null: every reader of the topic. */
  replayFor: string | null;
  /** The ride's id as the record says it; null where it says none. */
  id: string | null;
  customer: string | null;
}

export interface Place {
  partition: number;
  offset: number;
}

/** A record on ride_confirmed. */
export interface Decision extends Entry {
  /** Identity of the ride that was decided (`ce_causeid`). */
  causeId: string | null;
  /** Where on ride_details that ride is (`ce_cause`). */
  cause: Place | null;
  rejected: boolean;
  minutes: number | null;
  driver: string | null;
  /** When it was asked for, at the latest when Kafka got the decision. */
  at: number;
}

/** A record on a dead-letter topic that parks a message. */
export interface DeadLetter extends Place {
  /** Where the parked message is on the topic that its reader reads; null where the record does not say. */
  from: Place | null;
}

/** What became of a dead letter; a marker says so. */
export type Resolution = 'replay' | 'drop';

/** The dead letters of one reader. */
export interface Parked {
  letters: DeadLetter[];
  /** By `partition/offset` of the dead letter. */
  resolved: Map<string, Resolution>;
}

export const readers = ['transaction', 'email', 'analytics'] as const;
export type Reader = (typeof readers)[number];

export interface Facts {
  /** In the order of each partition; what lies before `starts` is left out. */
  requests: Entry[];
  decisions: Decision[];
  /** First offset that was read, per partition. */
  starts: { ride_details: Map<number, number>; ride_confirmed: Map<number, number> };
  parked: Record<Reader, Parked>;
  /** The first offset that Kafka still keeps, per partition; asked before `committed`. */
  kept: Record<'ride_details' | 'ride_confirmed' | 'ride_details.transaction.dlq', Map<number, number>>;
  /** Next offset of each group; a missing partition is at its start. */
  committed: Record<'transaction' | 'email', Map<number, number>>;
  mails: MailSeen[] | null;
  mailsSince: number;
  statistics: StatisticsSeen | null;
  accepted: Accepted[] | null;
}
