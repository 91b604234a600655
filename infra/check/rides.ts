/** From ride_details to ride_confirmed: every ride decided once and in order, or dead-lettered, or still in flight. */
import { Overtaking } from '@rideflow/shared/overtaken.ts';
import { checkAccepted, checkOrderOfAccepting } from './accepted.ts';
import type { Table } from './check.ts';
import { keptFrom, outcomeMayBeGone } from './expired.ts';
import type { Decision, Entry, Facts, Place, Resolution } from './facts.ts';
import type { Findings } from './findings.ts';
import { list, PartitionedLog, place } from './places.ts';
import { placeOn } from './records.ts';

/**
 * The largest difference between clocks, in milliseconds. A decision that is older than its request by more than this belongs
 * to an earlier topic of the same name.
 */
const clockSkew = 5000;

interface Ride {
  /** Its records on ride_details: more than one if the ingestion was retried or a dead letter was replayed. */
  requests: Entry[];
  decision: Decision | null;
  /** Surplus decisions. */
  again: Decision[] | null;
  /** Where it was parked; undefined if the dead letter is not settled. */
  parked: (Resolution | undefined)[] | null;
}

type RidesTable = Omit<
  Table,
  | 'expired'
  | 'mails'
  | 'mailsMissing'
  | 'mailsInFlight'
  | 'mailsDeadLettered'
  | 'counted'
  | 'countsInFlight'
  | 'countsDeadLettered'
>;

export function checkRides(facts: Facts, findings: Findings, inFlightIsWrong: boolean): RidesTable {
  const rides = new Map<string, Ride>();
  const log = new PartitionedLog(facts.requests);
  const mayBeGone = outcomeMayBeGone(facts);
  const table: RidesTable = {
    accepted: 0,
    unanswered: 0,
    confirmed: 0,
    rejected: 0,
    deadLettered: 0,
    dropped: 0,
    inFlight: 0,
    noLongerKept: 0,
    lost: 0,
    duplicates: 0,
    orderViolations: 0,
    overtaken: 0,
    repeatedRequests: 0,
    foreignDecisions: 0,
  };
  /**
   * Maps coordinates to the identity of the message there. A replay of a message that was too large to keep its headers has
   * only the coordinates.
   */
  const aliases = new Map<string, string>();
  const known = (identity: string | null) => rides.get(aliases.get(identity ?? '') ?? identity ?? '');
  for (const request of facts.requests) {
    const replayed = request.replayFor && log.at(placeOn('ride_details', request.identity));
    if (replayed && replayed.identity !== request.identity) aliases.set(request.identity, replayed.identity);
    const ride = known(request.identity);
    if (ride) {
      ride.requests.push(request);
      table.repeatedRequests++;
    } else rides.set(request.identity, { requests: [request], decision: null, again: null, parked: null });
  }
  joinDeadLetters();
  joinDecisions();
  table.overtaken = countOvertaken([...rides.values()]);
  for (const [identity, ride] of rides) judge(identity, ride);
  if (!facts.accepted) return { ...table, accepted: rides.size };
  const somethingIsGone = [...facts.kept.ride_details.keys()].some(
    (p) => keptFrom(facts, 'ride_details', p) > 0,
  );
  const { accepted, found } = checkAccepted(
    facts.accepted,
    (id) => rides.get(id)?.requests[0],
    somethingIsGone,
    findings,
  );
  table.accepted = accepted;
  table[somethingIsGone ? 'noLongerKept' : 'lost'] += accepted - found;
  table.unanswered = rides.size - found;
  table.orderViolations += checkOrderOfAccepting(facts.requests, facts.accepted, findings);
  return table;

  function joinDeadLetters() {
    const { letters, resolved } = facts.parked.transaction;
    const seen = new Set<string>();
    for (const { from, partition, offset } of letters) {
      const request = log.at(from);
      const name = `ride_details.transaction.dlq/${partition}/${offset}`;
      if (!from) continue; // not parked by a reader
      if (!request) {
        if (from.offset >= (facts.starts.ride_details.get(from.partition) ?? 0))
          findings.add('invented', `${name} parks a message that is not on ride_details.`);
        continue;
      }
      const source = place('ride_details', from);
      if (seen.has(source)) {
        table.duplicates++;
        findings.add('duplicate', `${source} was dead-lettered again at ${name}.`);
        continue;
      }
      seen.add(source);
      const ride = known(request.identity) as Ride;
      ride.parked = [...(ride.parked ?? []), resolved.get(`${partition}/${offset}`)];
    }
  }

  function joinDecisions() {
    const newest = new Map<string, Entry>();
    for (const decision of facts.decisions) {
      if (decision.replayFor) continue; // a replay, for one reader, of an earlier decision
      const ride = rideOf(decision);
      if (!ride) continue;
      if (ride.decision) {
        ride.again = [...(ride.again ?? []), decision];
        continue;
      }
      ride.decision = decision;
      const request = requestOf(ride, decision);
      expectSame(decision, request);
      expectOrder(decision, request, newest);
    }
  }

  function rideOf(decision: Decision): Ride | undefined {
    const { causeId, cause } = decision;
    const there = log.at(cause);
    const earlier = there !== undefined && decision.timestamp + clockSkew < there.timestamp;
    const found =
      known(causeId) ?? (earlier ? undefined : known(there?.identity ?? null)) ?? known(decision.identity);
    if (found) return found;
    if (causeId === null && !cause) table.foreignDecisions++;
    else if (!earlier && !isBefore(cause))
      findings.add(
        'invented',
        `${place('ride_confirmed', decision)} decides the ride ${causeId ?? decision.id}, which is not on ride_details.`,
      );
    return undefined;
  }

  /** Whether its request is in a part of ride_details that is not read or no longer exists. */
  function isBefore(cause: Place | null): boolean {
    const { ride_details: starts } = facts.starts;
    if (!cause) return [...starts.values()].some((start) => start > 0);
    return cause.offset < (starts.get(cause.partition) ?? 0);
  }

  function expectSame(decision: Decision, request: Entry) {
    for (const field of ['id', 'customer'] as const) {
      if (request[field] === null || request[field] === decision[field]) continue;
      const what = field === 'id' ? 'the id' : 'the customer';
      findings.add(
        'invented',
        `${place('ride_confirmed', decision)} has ${what} ${decision[field]}, but ${place('ride_details', request)}, which it decides, has ${request[field]}.`,
      );
    }
  }

  /** The rides of one customer are decided in the order and in the partition in which they are stored. */
  function expectOrder(decision: Decision, request: Entry, newest: Map<string, Entry>) {
    const wrong = (why: string) => {
      table.orderViolations++;
      findings.add('order', why, 1, request.identity);
    };
    const [to, from] = [place('ride_confirmed', decision), place('ride_details', request)];
    if (decision.partition !== request.partition)
      return wrong(`${to} decides ${from}, which is in another partition.`);
    const key = `${decision.partition}/${request.customer}`;
    const before = newest.get(key);
    if (before && before.offset > request.offset)
      return wrong(
        `${to} decides ${from} of customer ${request.customer} after ${place('ride_details', before)} was decided.`,
      );
    newest.set(key, request);
  }

  function judge(identity: string, { requests, decision, again, parked }: Ride) {
    const [first] = requests as [Entry];
    const at = requests.map((request) => place('ride_details', request)).join(' and ');
    if (again) {
      table.duplicates += again.length;
      const where = [decision as Decision, ...again].map((one) => place('ride_confirmed', one));
      findings.add(
        'duplicate',
        `The ride ${identity} (${at}) is decided ${where.length} times: ${list(where)}.`,
        again.length,
        identity,
      );
    }
    if (decision) {
      if (parked?.some((resolution) => resolution !== 'replay')) {
        table.duplicates++;
        findings.add(
          'duplicate',
          `The ride ${identity} (${at}) is both decided and dead-lettered.`,
          1,
          identity,
        );
      }
      table[decision.rejected ? 'rejected' : 'confirmed']++;
    } else if (requests.some((request) => isKept(request) && request.offset >= next(request.partition))) {
      table.inFlight++;
      if (inFlightIsWrong)
        findings.add('in flight', `The ride ${identity} (${at}) is still not decided.`, 1, identity);
    } else if (parked?.includes(undefined)) table.deadLettered++;
    else if (parked?.includes('drop')) table.dropped++;
    else if (requests.every((request) => !isKept(request) || mayBeGone(request))) table.noLongerKept++;
    else {
      table.lost++;
      const read = `the committed offset of transaction is ${next(first.partition)}`;
      findings.add(
        'lost',
        `The ride ${identity} (${at}) is neither decided nor dead-lettered, although ${read}.`,
        1,
        identity,
      );
    }
  }

  /** A message that was deleted after it was read here. checkExpired says whether it was handled in time. */
  function isKept({ partition, offset }: Entry): boolean {
    return offset >= keptFrom(facts, 'ride_details', partition);
  }

  function next(partition: number): number {
    return facts.committed.transaction.get(partition) ?? 0;
  }
}

/** The record of the ride that was decided: the one that the decision names, if it is one of them. */
const requestOf = ({ requests }: Ride, { cause }: Decision): Entry =>
  requests.find(({ partition, offset }) => partition === cause?.partition && offset === cause.offset) ??
  (requests[0] as Entry);

/** In the order of the decisions. Entries whose customer is not known are left out. */
function countOvertaken(rides: Ride[]): number {
  const decided = rides.flatMap(({ decision, requests: [request] }) =>
    decision && request && request.customer !== null
      ? [
          {
            customer: request.customer,
            partition: request.partition,
            coordinates: place('ride_details', request),
            stored: request.timestamp,
            decided: decision.timestamp,
          },
        ]
      : [],
  );
  const overtaking = new Overtaking(decided.length + 1);
  for (const one of decided.sort((a, b) => a.decided - b.decided)) overtaking.add(one);
  return overtaking.count;
}
