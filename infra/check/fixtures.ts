/** Facts for the tests of the checker: a system without violations. Each test spoils it in one place. */
import type { Decision, Entry, Facts } from './facts.ts';

/**
 * Two partitions, three customers, `count` rides. Every tenth ride is rejected, the others are confirmed; all are mailed and
 * counted.
 */
export function cleanFacts(count = 30): Facts {
  const requests = Array.from({ length: count }, (_, i) => request(i));
  const decisions = requests.map((one, i) => decisionOf(one, { rejected: i % 10 === 9 }));
  const ends = () =>
    new Map([0, 1].map((p) => [p, requests.filter(({ partition }) => partition === p).length]));
  return {
    requests,
    decisions,
    starts: {
      ride_details: new Map([0, 1].map((p) => [p, 0])),
      ride_confirmed: new Map([0, 1].map((p) => [p, 0])),
    },
    kept: {
      ride_details: new Map([0, 1].map((p) => [p, 0])),
      ride_confirmed: new Map([0, 1].map((p) => [p, 0])),
      'ride_details.transaction.dlq': new Map([0, 1].map((p) => [p, 0])),
    },
    parked: {
      transaction: { letters: [], resolved: new Map() },
      email: { letters: [], resolved: new Map() },
      analytics: { letters: [], resolved: new Map() },
    },
    committed: { transaction: ends(), email: ends() },
    mails: requests.map(({ identity }) => ({ messageId: `<${identity}@x>`, rideId: identity })),
    mailsSince: 0,
    statistics: statisticsOf(decisions, ends()),
    accepted: requests.map(({ identity, customer }) => ({ id: identity, customer_id: customer ?? '' })),
  };
}

/** The i-th ride: of customer 0 or 1 in partition 0, of customer 2 in partition 1. */
export function request(i: number, change: Partial<Entry> = {}): Entry {
  const customer = i % 3;
  const partition = customer === 2 ? 1 : 0;
  return {
    partition,
    offset: partition === 1 ? Math.floor(i / 3) : Math.floor(i / 3) * 2 + customer,
    timestamp: 1_000_000 + i,
    identity: `ride-${i}`,
    replayFor: null,
    id: `ride-${i}`,
    customer: `user_${customer}`,
    ...change,
  };
}

export function decisionOf(ride: Entry, change: Partial<Decision> = {}): Decision {
  const rejected = change.rejected ?? false;
  return {
    ...ride,
    causeId: ride.identity,
    cause: { partition: ride.partition, offset: ride.offset },
    rejected,
    minutes: rejected ? null : (ride.offset % 7) + 1,
    driver: rejected ? null : `driver_${ride.offset % 2}`,
    at: ride.timestamp,
    ...change,
  };
}

export function statisticsOf(
  decisions: Decision[],
  next: Map<number, number>,
): NonNullable<Facts['statistics']> {
  const figures = (some: Decision[]) => {
    const minutes = some.flatMap((one) => one.minutes ?? []);
    return {
      rides: some.length,
      rejected: some.filter(({ rejected }) => rejected).length,
      average_pickup_minutes: minutes.length
        ? Number((minutes.reduce((a, b) => a + b) / minutes.length).toFixed(2))
        : null,
      max_pickup_minutes: minutes.length ? Math.max(...minutes) : null,
    };
  };
  return {
    overall: figures(decisions),
    drivers: {
      top: [{ driver: 'driver_0', ...figures(decisions.filter(({ driver }) => driver === 'driver_0')) }],
      others: figures(decisions.filter(({ driver }) => driver === 'driver_1')),
    },
    minutes: [
      { start: new Date(960_000).toISOString(), ...figures(decisions.filter(({ at }) => at < 1_020_000)) },
    ],
    next_offsets: Object.fromEntries([...next].map(([partition, offset]) => [partition, String(offset)])),
  };
}
