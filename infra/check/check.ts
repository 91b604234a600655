/** The checker as a function: nothing lost, nothing twice, in order; every ride told and counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { conserve } from './conserve.ts';
import type { Connection } from './log.ts';
import { FactReader } from './read-facts.ts';

export { format } from './format.ts';

/** One ride that POST /rides answered with 202. */
export interface Accepted {
  id: string;
  customer_id: string;
  /** When the request was sent and when its 202 came, in milliseconds on one clock: with both, the order of storing is checked too. */
  sent?: number;
  answered?: number;
}

export interface MailSeen {
  messageId: string;
  /** The mail's X-Ride-Id. */
  rideId: string;
}

/** The part of analytics' `GET /stats` that is recounted. The answer itself can be passed as it is. */
export interface StatisticsSeen {
  overall: FiguresSeen;
  drivers: { top: ({ driver: string } & FiguresSeen)[]; others: FiguresSeen };
  /** By the minute in which the rides were asked for. */
  minutes?: ({ start: string } & FiguresSeen)[];
  /** Per partition of ride_confirmed: exactly what lies before is counted. */
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
  /** TLS and SASL, in the words of kafkajs. */
  connection?: Connection | undefined;
  /** All mails there are; null: the mails are not checked. Asked again at each look. */
  mails: (() => Promise<MailSeen[]>) | null;
  /**
   * A message older than this, in milliseconds since 1970, may have been mailed to a mailbox that has forgotten it.
   * Asked after `mails`. Default: nothing was forgotten.
   */
  mailsSince?: (() => number) | undefined;
  /** null: the statistics are not checked. Asked again at each look. */
  stats: (() => Promise<StatisticsSeen>) | null;
  accepted?: Accepted[] | undefined;
  /** Only what came after this moment, in milliseconds since 1970. The statistics, which have no such moment, are then not checked. */
  from?: number | undefined;
  /** How long to wait until nothing is in flight any more, in milliseconds. What is in flight then is a violation, if this is not 0. */
  waitMs: number;
}

export type ViolationKind =
  /** Accepted but not on ride_details; or passed over by transaction, neither decided nor dead-lettered. */
  | 'lost'
  /** One ride decided more than once, or decided and dead-lettered, or one message dead-lettered twice by transaction. */
  | 'duplicate'
  /** Of one customer: decided in another order than stored, or stored in another order than accepted. */
  | 'order'
  /** A decision of a ride that nobody asked for, or that says something else than the ride. */
  | 'invented'
  | 'mail missing'
  | 'mail changed id'
  | 'mail without ride'
  | 'statistics'
  /** Kafka deleted messages before their reader handled them. */
  | 'expired'
  /** Still in flight when the wait was over. */
  | 'in flight';

export interface Violation {
  kind: ViolationKind;
  /** One sentence with the coordinates. */
  what: string;
}

/** Rides: `accepted` + `unanswered` = `confirmed` + `rejected` + `deadLettered` + `dropped` + `inFlight` + `noLongerKept` + `lost`. */
export interface Table {
  /** Known to have been answered with 202; without a list of those: every ride on ride_details. */
  accepted: number;
  /** On ride_details but not in the list: the answer got lost, or a foreign client wrote them. */
  unanswered: number;
  confirmed: number;
  rejected: number;
  deadLettered: number;
  /** Dead letters that somebody gave up on. */
  dropped: number;
  inFlight: number;
  /** Kafka has deleted the request, or what may have become of it: nobody can tell. */
  noLongerKept: number;
  lost: number;
  /** Messages that Kafka deleted before their reader handled them, of all readers. */
  expired: number;
  /** Decisions too many. */
  duplicates: number;
  orderViolations: number;
  /** Records on ride_details that repeat a ride already there: a retried ingestion, or a replay. */
  repeatedRequests: number;
  /** Decisions that name no cause, as the tutorials' scripts write them: they are mailed and counted, but belong to no ride here. */
  foreignDecisions: number;
  mails: number;
  mailsMissing: number;
  mailsInFlight: number;
  mailsDeadLettered: number;
  /** Messages of ride_confirmed that analytics has counted, and has not yet. */
  counted: number;
  countsInFlight: number;
  countsDeadLettered: number;
}

export interface Report {
  table: Table;
  /** At most 1000 of each kind; `counts` has all. */
  violations: Violation[];
  counts: Partial<Record<ViolationKind, number>>;
  /** Mails that came again under the Message-ID of an earlier one: allowed, since SMTP is at least once. */
  repeatedMails: number;
  /** Rides not decided, decisions not mailed, decisions not counted. */
  inFlight: number;
  /** What could not be checked, and why. */
  notes: string[];
  /** No violation. */
  ok: boolean;
}

/** A loss is believed when it is still there after this time, in milliseconds: a mailbox may list a mail a little after it took it. */
const secondLook = 2000;

/**
 * Reads topics, mails and statistics, and looks again until nothing is in flight or the wait is over.
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
