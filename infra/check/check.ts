/**
 * The checker as a function: nothing is lost, nothing happens twice, the order is kept, and every ride is mailed and counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { conserve } from './conserve.ts';
import type { Connection } from './log.ts';
import { FactReader } from './read-facts.ts';

export { format } from './format.ts';

/** One ride that POST /rides answered with 202. */
export interface Accepted {
  id: string;
  customer_id: string;
  /**
   * When the request was sent and when its 202 arrived, in milliseconds of the same clock. With both, the checker also checks
   * the order on the topic.
   */
  sent?: number;
  answered?: number;
}

export interface MailSeen {
  messageId: string;
  /** The mail's X-Ride-Id. */
  rideId: string;
}

/** The part of analytics' `GET /stats` that is recounted. The whole answer can be passed. */
export interface StatisticsSeen {
  overall: FiguresSeen;
  drivers: { top: ({ driver: string } & FiguresSeen)[]; others: FiguresSeen };
  /** By the minute in which the rides were requested. */
  minutes?: ({ start: string } & FiguresSeen)[];
  /** For each partition of ride_confirmed, the next offset: exactly the messages before it are counted. */
  next_offsets: Record<string, string>;
}

export interface FiguresSeen {
  rides: number;
  rejected: number;
  average_pickup_minutes: number | null;
  max_pickup_minutes: number | null;
}

export interface CheckOptions {
  brokers: string[];
  /** TLS and SASL options of kafkajs. */
  connection?: Connection | undefined;
  /** Returns all mails. Called again for each pass. null: the mails are not checked. */
  mails: (() => Promise<MailSeen[]>) | null;
  /**
   * A message older than this, in milliseconds since 1970, may have been mailed to a mailbox that no longer has the mail.
   * Called after `mails`. Default: the mailbox has every mail.
   */
  mailsSince?: (() => number) | undefined;
  /** Returns the statistics. Called again for each pass. null: the statistics are not checked. */
  stats: (() => Promise<StatisticsSeen>) | null;
  accepted?: Accepted[] | undefined;
  /**
   * Only messages after this time, in milliseconds since 1970. The statistics cannot be limited like this and are then not
   * checked.
   */
  from?: number | undefined;
  /**
   * How long to wait until nothing is in flight, in milliseconds. Unless this is 0, what is still in flight afterwards is a
   * violation.
   */
  waitMs: number;
}

export type ViolationKind =
  /** Accepted but not on ride_details; or skipped by transaction, neither decided nor dead-lettered. */
  | 'lost'
  /** One ride decided more than once, or decided and dead-lettered, or one message dead-lettered twice by transaction. */
  | 'duplicate'
  /** Rides of one customer that are decided in a different order than stored, or stored in a different order than accepted. */
  | 'order'
  /** A decision about a ride that nobody requested, or that contradicts the ride. */
  | 'invented'
  | 'mail missing'
  | 'mail changed id'
  | 'mail without ride'
  | 'statistics'
  /** Kafka deleted messages before their reader handled them. */
  | 'expired'
  /** Still in flight after the wait. */
  | 'in flight';

export interface Violation {
  kind: ViolationKind;
  /** One sentence with the coordinates. */
  what: string;
  /** The ride, if it is about one: its identity, or for mails its id. Our own rides have the same text for both. */
  ride?: string;
}

/** Rides: `accepted` + `unanswered` = `confirmed` + `rejected` + `deadLettered` + `dropped` + `inFlight` + `noLongerKept` + `lost`. */
export interface Table {
  /** Rides that were answered with 202; without a list of them, every ride on ride_details. */
  accepted: number;
  /** On ride_details but not in the list: the answer was lost, or a foreign client wrote them. */
  unanswered: number;
  confirmed: number;
  rejected: number;
  deadLettered: number;
  /** Dead letters that somebody dropped. */
  dropped: number;
  inFlight: number;
  /** Kafka has deleted the request or its possible outcome, so the outcome is unknown. */
  noLongerKept: number;
  lost: number;
  /** Messages of all readers that Kafka deleted before their reader handled them. */
  expired: number;
  /** Surplus decisions. */
  duplicates: number;
  orderViolations: number;
  /** Rides that were decided after a later one of the same customer in another partition, where Kafka promises no order. */
  overtaken: number;
  /** Records on ride_details that repeat an earlier one: a retried ingestion, or a replay. */
  repeatedRequests: number;
  /**
   * Decisions without a cause, as the tutorials' scripts write them. They are mailed and counted, but belong to no ride here.
   */
  foreignDecisions: number;
  mails: number;
  mailsMissing: number;
  mailsInFlight: number;
  mailsDeadLettered: number;
  /** Messages of ride_confirmed that analytics has counted, and that it has not counted yet. */
  counted: number;
  countsInFlight: number;
  countsDeadLettered: number;
}

export interface Report {
  table: Table;
  /** At most 1000 of each kind; `counts` has all. */
  violations: Violation[];
  counts: Partial<Record<ViolationKind, number>>;
  /** Mails that repeat the Message-ID of an earlier one. They are allowed, because mail is at least once. */
  repeatedMails: number;
  /** Rides not decided, decisions not mailed, decisions not counted. */
  inFlight: number;
  /** What could not be checked, and why. */
  notes: string[];
  /** No violation. */
  ok: boolean;
}

/**
 * A loss only counts when it is still there after this time, in milliseconds, because a mailbox may list a mail slightly after
 * it accepted it.
 */
const secondLook = 2000;

/**
 * Reads topics, mails and statistics, and repeats that until nothing is in flight or the wait is over.
 * @throws Error when something cannot be read
 */
export async function check(options: CheckOptions): Promise<Report> {
  const reader = new FactReader(options);
  const end = Date.now() + options.waitMs;
  let doubted: number | undefined;
  try {
    await reader.open();
    for (;;) {
      const facts = await reader.look();
      const report = conserve(facts);
      const waited = Date.now() >= end;
      if (report.ok && (report.inFlight === 0 || waited))
        return options.waitMs > 0 && report.inFlight > 0 ? conserve(facts, true) : report;
      if (report.ok) doubted = undefined;
      else doubted ??= Date.now();
      const believed = doubted !== undefined && Date.now() - doubted >= secondLook;
      if (believed && (report.inFlight === 0 || waited)) return conserve(facts, options.waitMs > 0);
      await sleep(500);
    }
  } finally {
    await reader.close();
  }
}
