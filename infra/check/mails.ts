/** From ride_confirmed to the mailbox: every decision is mailed, under one Message-ID. */
import type { Table } from './check.ts';
import { keptFrom } from './expired.ts';
import type { Decision, Facts, Parked, Resolution } from './facts.ts';
import type { Findings } from './findings.ts';
import { list, PartitionedLog, place } from './places.ts';
import { placeOn } from './records.ts';

type MailsTable = Pick<Table, 'mails' | 'mailsMissing' | 'mailsInFlight' | 'mailsDeadLettered'>;

/** The mails that one ride needs. Foreign ids repeat, so one id can have several messages. */
interface Subject {
  /** The messages by identity. A replay has the identity of the message that it replays. */
  messages: Map<string, Decision[]>;
  /** The number of mails with each Message-ID. */
  mails: Map<string, number>;
}

/** @returns the figures, and the number of repeated mails */
export function checkMails(
  facts: Facts,
  findings: Findings,
  inFlightIsWrong: boolean,
): { table: MailsTable; repeatedMails: number } {
  const table = { mails: facts.mails?.length ?? 0, mailsMissing: 0, mailsInFlight: 0, mailsDeadLettered: 0 };
  let repeatedMails = 0;
  if (!facts.mails) return { table, repeatedMails };
  const parked = parkedPlaces(facts.parked.email);
  const subjects = subjectsOf(facts, findings);
  for (const [id, subject] of subjects) {
    const due: Decision[] = [];
    const open: Decision[] = [];
    let forgotten = 0;
    for (const messages of subject.messages.values()) {
      const message = messages.findLast((one) => !parked.has(at(one)));
      const letters = messages.map((one) => parked.get(at(one)));
      if (!message && letters.every((resolution) => resolution === 'replay'))
        due.push(messages[0] as Decision);
      else if (!message) table.mailsDeadLettered++;
      else if (message.offset >= next(message.partition)) {
        if (message.offset >= keptFrom(facts, 'ride_confirmed', message.partition)) open.push(message);
      } else if (message.timestamp < facts.mailsSince) forgotten++;
      else due.push(message);
    }
    const ids = subject.mails.size;
    for (const count of subject.mails.values()) repeatedMails += count - 1;
    const missing = Math.max(0, due.length - ids);
    const waiting = Math.max(0, open.length - Math.max(0, ids - due.length - forgotten));
    table.mailsMissing += missing;
    table.mailsInFlight += waiting;
    const where = (messages: Decision[]) => list(messages.map((one) => place('ride_confirmed', one)));
    if (missing > 0)
      findings.add(
        'mail missing',
        `About the ride ${id} there ${count(ids, 'mail')} where ${due.length} should be: ${where(due)}, which email has committed and not dead-lettered.`,
        missing,
        id,
      );
    if (waiting > 0 && inFlightIsWrong)
      findings.add('in flight', `The ride ${id} (${where(open)}) is still not mailed.`, waiting, id);
    if (ids > subject.messages.size)
      findings.add(
        'mail changed id',
        `About the ride ${id} there are mails with ${ids} Message-IDs, but ${subject.messages.size === 1 ? 'one message' : `${subject.messages.size} messages`} on ride_confirmed: ${list([...subject.mails.keys()])}.`,
        1,
        id,
      );
  }
  return { table, repeatedMails };

  function next(partition: number): number {
    return facts.committed.email.get(partition) ?? 0;
  }
}

function subjectsOf({ decisions, mails, starts }: Facts, findings: Findings): Map<string, Subject> {
  const subjects = new Map<string, Subject>();
  const log = new PartitionedLog(decisions);
  /** A replay may know only the coordinates of the message that it replays, and not its identity. */
  const identityOf = ({ replayFor, identity }: Decision) =>
    (replayFor && log.at(placeOn('ride_confirmed', identity))?.identity) || identity;
  for (const decision of decisions) {
    if (decision.replayFor !== null && decision.replayFor !== 'email') continue;
    const key = printable(decision.id ?? '');
    const subject = subjects.get(key) ?? { messages: new Map(), mails: new Map() };
    subjects.set(key, subject);
    const identity = identityOf(decision);
    const messages = subject.messages.get(identity);
    if (messages) messages.push(decision);
    else subject.messages.set(identity, [decision]);
  }
  const complete = [...starts.ride_confirmed.values()].every((start) => start === 0);
  const rideOf = new Map<string, string>();
  for (const { messageId, rideId } of mails ?? []) {
    const key = printable(rideId);
    const other = rideOf.get(messageId) ?? key;
    if (other !== key)
      findings.add(
        'mail changed id',
        `${messageId} is the Message-ID of mails about two rides: ${other} and ${key}.`,
      );
    rideOf.set(messageId, other);
    const subject = subjects.get(key);
    if (subject) subject.mails.set(messageId, (subject.mails.get(messageId) ?? 0) + 1);
    else if (complete)
      findings.add(
        'mail without ride',
        `The mail ${messageId} is about the ride ${key}, which is not on ride_confirmed.`,
      );
  }
  return subjects;
}

/** The messages that a reader has parked, by their coordinates on its topic. */
export function parkedPlaces({ letters, resolved }: Parked): Map<string, Resolution | undefined> {
  return new Map(
    letters.flatMap(({ from, partition, offset }) =>
      from ? [[`${from.partition}/${from.offset}`, resolved.get(`${partition}/${offset}`)] as const] : [],
    ),
  );
}

export const at = ({ partition, offset }: Decision) => `${partition}/${offset}`;

const count = (n: number, what: string) =>
  n === 0 ? `is no ${what}` : n === 1 ? `is one ${what}` : `are ${n} ${what}s`;

/** The id as a mail header keeps it: folded, trimmed and without control characters. */
const printable = (id: string) => id.replace(/[^!-~]/g, '');
