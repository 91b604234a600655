/** The checker as a function: nothing lost, nothing twice, in order; every ride told and counted. */

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
  /** All mails there are; null: the mails are not checked. Asked again at each look. */
  mails: (() => Promise<MailSeen[]>) | null;
  /**
   * A message older than this, in milliseconds since 1970, may have been mailed to a mailbox that has forgotten it.
   * Asked after `mails`. Default: nothing was forgotten.
   */
  mailsSince?: () => number;
  /** null: the statistics are not checked. Asked again at each look. */
  stats: (() => Promise<StatisticsSeen>) | null;
  accepted?: Accepted[];
  /** Only what came after this moment, in milliseconds since 1970. The statistics, which have no such moment, are then not checked. */
  from?: number;
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
  /** Still in flight when the wait was over. */
  | 'in flight';

export interface Violation {
  kind: ViolationKind;
  /** One sentence with the coordinates. */
  what: string;
}

/** Rides: `accepted` + `unanswered` = `confirmed` + `rejected` + `deadLettered` + `dropped` + `inFlight` + `lost`. */
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
  lost: number;
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

/**
 * Reads topics, mails and statistics, and looks again until nothing is in flight or the wait is over.
 * @throws Error when something cannot be read
 */
export async function check(_options: CheckOptions): Promise<Report> {
  throw new Error('the checker is not there yet');
}

/** The report as text for a terminal, without a final line break. */
export function format(report: Report): string {
  return JSON.stringify(report);
}
