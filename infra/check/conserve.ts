/** Turns the facts into a report. Pure: the same facts give the same report. */
import type { Report } from './check.ts';
import { checkExpired, noteDeleted } from './expired.ts';
import type { Facts } from './facts.ts';
import { Findings } from './findings.ts';
import { checkMails } from './mails.ts';
import { checkRides } from './rides.ts';
import { checkStatistics } from './statistics.ts';

/** @param inFlightIsWrong whether a ride in flight is a violation, because the wait is over */
export function conserve(facts: Facts, inFlightIsWrong = false): Report {
  const findings = new Findings();
  const rides = checkRides(facts, findings, inFlightIsWrong);
  const { table: mails, repeatedMails } = checkMails(facts, findings, inFlightIsWrong);
  const { table: statistics, notes } = checkStatistics(facts, findings, inFlightIsWrong);
  const expired = checkExpired(facts, findings);
  const { violations, counts } = findings;
  return {
    table: { ...rides, expired, ...mails, ...statistics },
    violations,
    counts,
    repeatedMails,
    inFlight: rides.inFlight + mails.mailsInFlight + statistics.countsInFlight,
    notes: [
      ...(facts.mails ? [] : ['The mails were not checked.']),
      ...(facts.statistics ? [] : ['The statistics were not checked.']),
      ...notes,
      ...noteDeleted(facts),
    ],
    ok: violations.length === 0,
  };
}
