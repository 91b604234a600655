/** The observed facts. Offsets are whole numbers; times are milliseconds since 1970. */
import type { Accepted, MailSeen, StatisticsSeen } from './check.ts';

/** A record that read-committed readers see. */
export interface Entry {
  partition: number;
  offset: number;
  /** When Kafka received it. */
  timestamp: number;
  /** `ce_id`, or its coordinates and timestamp if a foreign writer set none; never the foreign `id`. */
  identity: string;
  /** The only reader that a replayed record is for; null: every reader of the topic. */
  replayFor: string | null;
  /** The ride's id in the record; null if there is none. */
  id: string | null;
  customer: string | null;
}

export interface Place {
  partition: number;
  offset: number;
}

/** A record on ride_confirmed. */
export interface Decision extends Entry {
  /** Identity of the decided ride (`ce_causeid`). */
  causeId: string | null;
  /** Coordinates of that ride on ride_details (`ce_cause`). */
  cause: Place | null;
  rejected: boolean;
  minutes: number | null;
  driver: string | null;
  /** When the ride was requested, at the latest when Kafka received the decision. */
  at: number;
}

/** A record on a dead-letter topic that parks a message. */
export interface DeadLetter extends Place {
  /** Coordinates of the parked message on the topic of its reader; null if the record does not say. */
  from: Place | null;
}

/** How a dead letter was settled, according to its marker. */
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
  /** Ordered by offset in each partition, from `starts` on. */
  requests: Entry[];
  decisions: Decision[];
  /** First offset that was read, per partition. */
  starts: { ride_details: Map<number, number>; ride_confirmed: Map<number, number> };
  parked: Record<Reader, Parked>;
  /** The first offset that Kafka still keeps, per partition; read before `committed`. */
  kept: Record<'ride_details' | 'ride_confirmed' | 'ride_details.transaction.dlq', Map<number, number>>;
  /** Committed offset of each group; a missing partition is at its start. */
  committed: Record<'transaction' | 'email', Map<number, number>>;
  mails: MailSeen[] | null;
  mailsSince: number;
  statistics: StatisticsSeen | null;
  accepted: Accepted[] | null;
}
