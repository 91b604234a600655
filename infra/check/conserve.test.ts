/** Every kind of violation is found, and nothing else is: a clean system is spoilt in one place at a time. */
import { describe, expect, test } from '@jest/globals';
import type { Table, ViolationKind } from './check.ts';
import { conserve } from './conserve.ts';
import type { Decision, Entry, Facts } from './facts.ts';
import { cleanFacts, decisionOf, request, statisticsOf } from './fixtures.ts';

/** Puts one more decision onto ride_confirmed, mailed and counted, as the services would have done. */
function alsoDecided(facts: Facts, decision: Decision) {
  facts.decisions.push(decision);
  const end = Math.max(facts.committed.email.get(decision.partition) ?? 0, decision.offset + 1);
  facts.committed.email.set(decision.partition, end);
  facts.statistics = statisticsOf(
    facts.decisions.filter(({ replayFor }) => replayFor === null || replayFor === 'analytics'),
    facts.committed.email,
  );
}

const drop = <T>(from: T[], which: (one: T) => boolean) => void from.splice(from.findIndex(which), 1);
const at = (i: number) => (one: Entry) => one.identity === `ride-${i}`;
/** The ride's decision never was; what follows from it neither. */
function undecided(facts: Facts, i: number) {
  drop(facts.decisions, at(i));
  drop(facts.mails ?? [], ({ rideId }) => rideId === `ride-${i}`);
  facts.statistics = statisticsOf(facts.decisions, facts.committed.email);
}
const park = (facts: Facts, reader: keyof Facts['parked'], from: Entry) =>
  facts.parked[reader].letters.push({
    partition: from.partition,
    offset: facts.parked[reader].letters.length,
    from: { partition: from.partition, offset: from.offset },
  });
const figures = (facts: Facts) =>
  facts.statistics?.overall ?? { rides: 0, rejected: 0, max_pickup_minutes: 0 };

test('a system in which all went well has no violation, and every ride has its place in the table', () => {
  const report = conserve(cleanFacts());
  expect(report).toMatchObject({
    ok: true,
    violations: [],
    counts: {},
    inFlight: 0,
    repeatedMails: 0,
    notes: [],
  });
  expect(report.table).toMatchObject({ accepted: 30, confirmed: 27, rejected: 3, mails: 30, counted: 30 });
});

const spoilt: [ViolationKind, string, (facts: Facts) => unknown, RegExp][] = [
  [
    'lost',
    'a ride that transaction passed over',
    (facts) => undecided(facts, 4),
    /ride-4 \(ride_details\/0\/3\) is neither/,
  ],
  [
    'lost',
    'an accepted ride that is not on the topic',
    (facts) => facts.accepted?.push({ id: 'gone', customer_id: 'user_9' }),
    /gone of customer user_9 was accepted but is not on ride_details/,
  ],
  [
    'lost',
    'a dead letter that was replayed, and lost then',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      facts.parked.transaction.resolved.set('0/0', 'replay');
    },
    /ride-4/,
  ],
  [
    'duplicate',
    'a ride that is decided twice',
    (facts) => alsoDecided(facts, decisionOf(request(4), { offset: 20 })),
    /ride-4 .* is decided 2 times: ride_confirmed\/0\/3, ride_confirmed\/0\/20/,
  ],
  [
    'duplicate',
    'a ride that is decided twice, with a different identity for each decision',
    (facts) => {
      alsoDecided(facts, decisionOf(request(4), { offset: 20, identity: 'another' }));
      facts.mails?.push({ messageId: '<another@x>', rideId: 'ride-4' });
    },
    /ride-4 .* is decided 2 times/,
  ],
  [
    'duplicate',
    'a ride that is both decided and dead-lettered',
    (facts) => park(facts, 'transaction', request(4)),
    /both/,
  ],
  [
    'duplicate',
    'a ride that is dead-lettered twice',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      park(facts, 'transaction', request(4));
    },
    /ride_details\/0\/3 was dead-lettered again at ride_details.transaction.dlq\/0\/1/,
  ],
  [
    'order',
    'two rides of one customer that are decided in the wrong order',
    (facts) => {
      const [first, second] = [facts.decisions[3], facts.decisions[6]] as [Decision, Decision];
      [facts.decisions[3], facts.decisions[6]] = [
        { ...second, offset: first.offset },
        { ...first, offset: second.offset },
      ];
    },
    /ride_confirmed\/0\/4 decides ride_details\/0\/2 of customer user_0 after ride_details\/0\/4 was decided/,
  ],
  [
    'order',
    'a ride that is decided in another partition',
    (facts) => {
      undecided(facts, 4);
      alsoDecided(facts, decisionOf(request(4), { partition: 1, offset: 50 }));
      facts.mails?.push({ messageId: '<ride-4@x>', rideId: 'ride-4' });
    },
    /another partition/,
  ],
  [
    'order',
    'rides of one customer that are stored in another order than accepted',
    (facts) => {
      const [later, earlier] = [facts.accepted?.[3], facts.accepted?.[6]];
      Object.assign(later ?? {}, { sent: 300, answered: 400 });
      Object.assign(earlier ?? {}, { sent: 100, answered: 200 });
    },
    /ride_details\/0\/4 of customer user_0 was answered before ride_details\/0\/2 was sent/,
  ],
  [
    'invented',
    'a decision about a ride that nobody requested',
    (facts) => {
      alsoDecided(facts, decisionOf(request(4, { identity: 'x', id: 'x', offset: 99 }), { offset: 20 }));
      facts.mails?.push({ messageId: '<x@x>', rideId: 'x' });
    },
    /decides the ride x, which is not on ride_details/,
  ],
  [
    'invented',
    'a decision that says another customer',
    (facts) => Object.assign(facts.decisions[4] ?? {}, { customer: 'user_9' }),
    /has the customer user_9, but ride_details\/0\/3, which it decides, has user_1/,
  ],
  [
    'mail missing',
    'a decision without a mail',
    (facts) => drop(facts.mails ?? [], ({ rideId }) => rideId === 'ride-4'),
    /About the ride ride-4 there is no mail where 1 should be: ride_confirmed\/0\/3/,
  ],
  [
    'mail changed id',
    'a mail that came again with another Message-ID',
    (facts) => facts.mails?.push({ messageId: '<new@x>', rideId: 'ride-4' }),
    /ride-4 .* 2 Message-IDs, but one message .* <ride-4@x>, <new@x>/,
  ],
  [
    'mail without ride',
    'a mail about a ride that nobody decided',
    (facts) => facts.mails?.push({ messageId: '<new@x>', rideId: 'nobody' }),
    /<new@x> is about the ride nobody/,
  ],
  [
    'statistics',
    'a ride that is counted twice',
    (facts) => Object.assign(figures(facts), { rides: 31 }),
    /For all rides, the statistics have 31 rides, but a recount gives 30/,
  ],
  [
    'statistics',
    'a rejected ride too few',
    (facts) => Object.assign(figures(facts), { rejected: 2 }),
    /2 rejected rides, but a recount gives 3/,
  ],
  [
    'statistics',
    'another average',
    (facts) => Object.assign(figures(facts), { average_pickup_minutes: 9.99 }),
    /9.99 as the average/,
  ],
  [
    'statistics',
    'another maximum',
    (facts) => Object.assign(figures(facts), { max_pickup_minutes: 29 }),
    /29 as the longest/,
  ],
  [
    'statistics',
    'a driver with a ride too many',
    (facts) => Object.assign(facts.statistics?.drivers.top[0] ?? {}, { rides: 99 }),
    /For driver_0, the statistics have 99 rides/,
  ],
  [
    'statistics',
    'a minute with a ride too many',
    (facts) => Object.assign(facts.statistics?.minutes?.[0] ?? {}, { rides: 99 }),
    /For the minute 1970-01-01T00:16:00.000Z, the statistics have 99 rides/,
  ],
];
describe('found, and told from all other violations', () => {
  test.each(spoilt)('%s: %s', (kind, _name, spoil, words) => {
    const facts = cleanFacts();
    spoil(facts);
    const { violations, counts, ok } = conserve(facts);
    expect(ok).toBe(false);
    expect(violations).toEqual([expect.objectContaining({ kind, what: expect.stringMatching(words) })]);
    expect(counts).toEqual({ [kind]: 1 });
  });
});

/** Puts one more ride onto ride_details. */
const alsoAsked = (facts: Facts, ride: Entry) => {
  facts.requests.push(ride);
  facts.accepted = null;
};
const replay = (i: number, change: Partial<Entry>) =>
  request(i, { offset: 90, replayFor: 'transaction', ...change });
const unmailed = (facts: Facts, i: number) => drop(facts.mails ?? [], ({ rideId }) => rideId === `ride-${i}`);

const allowed: [string, (facts: Facts) => unknown, Partial<Table>, number?][] = [
  [
    'a ride that transaction has not reached is in flight',
    (facts) => alsoAsked(facts, request(99)),
    { inFlight: 1, accepted: 31 },
    1,
  ],
  [
    'a decision that email has not reached is in flight',
    (facts) => {
      unmailed(facts, 28);
      facts.committed.email.set(0, 19);
    },
    { mailsInFlight: 1 },
    1,
  ],
  [
    'a decision that analytics has not reached is in flight',
    (facts) => {
      facts.statistics = statisticsOf(
        facts.decisions.filter(({ identity }) => identity !== 'ride-28'),
        new Map([
          [0, 19],
          [1, 10],
        ]),
      );
    },
    { countsInFlight: 1, counted: 29 },
    1,
  ],
  [
    'a ride that is stored twice under one identity is one ride',
    (facts) => {
      alsoAsked(facts, request(4, { offset: 40 }));
      facts.committed.transaction.set(0, 41);
    },
    { repeatedRequests: 1, confirmed: 27 },
  ],
  [
    'a ride that the accepted ones do not have was stored, and its answer lost',
    (facts) => facts.accepted?.pop(),
    { accepted: 29, unanswered: 1 },
  ],
  [
    'a dead letter is no loss',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
    },
    { deadLettered: 1, confirmed: 26 },
  ],
  [
    'a dropped dead letter is not a loss',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      facts.parked.transaction.resolved.set('0/0', 'drop');
    },
    { deadLettered: 0, dropped: 1 },
  ],
  [
    'a dead letter that was replayed and decided is a decided ride',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      facts.parked.transaction.resolved.set('0/0', 'replay');
      alsoAsked(facts, replay(4, { offset: 40 }));
      alsoDecided(facts, decisionOf(replay(4, { offset: 40, replayFor: null }), { offset: 50 }));
      facts.mails?.push({ messageId: '<ride-4@x>', rideId: 'ride-4' });
    },
    { deadLettered: 0, confirmed: 27, duplicates: 0, orderViolations: 0 },
  ],
  [
    'a dead letter that was replayed and not read yet is in flight',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      facts.parked.transaction.resolved.set('0/0', 'replay');
      alsoAsked(facts, replay(4, { offset: 90 }));
    },
    { deadLettered: 0, inFlight: 1 },
    1,
  ],
  [
    'a replay that only knows the coordinates of what it replays is the same ride',
    (facts) => {
      undecided(facts, 4);
      park(facts, 'transaction', request(4));
      facts.parked.transaction.resolved.set('0/0', 'replay');
      const again = replay(4, { offset: 40, identity: 'ride_details/0/3@1000004' });
      alsoAsked(facts, again);
      alsoDecided(facts, decisionOf({ ...again, replayFor: null }, { offset: 50 }));
      facts.mails?.push({ messageId: '<ride-4@x>', rideId: 'ride-4' });
    },
    { accepted: 30, confirmed: 27, repeatedRequests: 1 },
  ],
  [
    'a replayed decision that only knows the coordinates of what it replays is the same mail',
    (facts) => {
      park(facts, 'email', request(4));
      facts.parked.email.resolved.set('0/0', 'replay');
      const again = { offset: 50, identity: 'ride_confirmed/0/3', replayFor: 'email' };
      alsoDecided(facts, { ...decisionOf(request(4)), ...again });
    },
    { mails: 30, mailsMissing: 0 },
  ],
  [
    'a decision about a deleted and recreated ride_details does not count',
    (facts) => {
      const before = { offset: 50, timestamp: 900_000, identity: 'old', causeId: 'old', id: 'old' };
      alsoDecided(facts, decisionOf(request(4), before));
      facts.mails?.push({ messageId: '<old@x>', rideId: 'old' });
    },
    { confirmed: 27, duplicates: 0, foreignDecisions: 0 },
  ],
  [
    'a mail that came again under its Message-ID is a repeat',
    (facts) => facts.mails?.push({ messageId: '<ride-4@x>', rideId: 'ride-4' }),
    { mails: 31, mailsMissing: 0 },
  ],
  [
    'a mail that email has parked is not missing',
    (facts) => {
      unmailed(facts, 4);
      park(facts, 'email', request(4));
    },
    { mailsDeadLettered: 1 },
  ],
  [
    'a mail that a mailbox may have forgotten is not missing',
    (facts) => {
      unmailed(facts, 4);
      facts.mailsSince = request(4).timestamp + 1;
    },
    { mailsMissing: 0 },
  ],
  [
    'a replay for email is neither decided nor counted again',
    (facts) => {
      alsoDecided(facts, decisionOf(request(4), { offset: 50, replayFor: 'email' }));
      park(facts, 'email', request(4));
      facts.parked.email.resolved.set('0/0', 'replay');
    },
    { duplicates: 0, counted: 30, mailsDeadLettered: 0 },
  ],
  [
    'what analytics has parked is not counted',
    (facts) => {
      park(facts, 'analytics', request(4));
      facts.statistics = statisticsOf(
        facts.decisions.filter(({ identity }) => identity !== 'ride-4'),
        facts.committed.email,
      );
    },
    { countsDeadLettered: 1, counted: 29 },
  ],
  [
    'a decision of a foreign writer is mailed and counted, but belongs to no ride here',
    (facts) => {
      const foreign = {
        identity: 'ride_confirmed/0/50',
        causeId: null,
        cause: null,
        id: '1',
        customer: 'user_1',
      };
      alsoDecided(facts, decisionOf(request(4), { ...foreign, offset: 50 }));
      alsoDecided(facts, decisionOf(request(4), { ...foreign, offset: 51, identity: 'ride_confirmed/0/51' }));
      facts.mails?.push({ messageId: '<a@x>', rideId: '1' }, { messageId: '<b@x>', rideId: '1' });
    },
    { foreignDecisions: 2, duplicates: 0, mails: 32 },
  ],
  [
    'a decision of a ride before the first that is read is left alone',
    (facts) => {
      drop(facts.requests, at(0));
      facts.starts.ride_details.set(0, 1);
      facts.accepted = null;
    },
    { accepted: 29, confirmed: 26 },
  ],
];
describe('no violation', () => {
  test.each(allowed)('%s', (_name, change, table, inFlight = 0) => {
    const facts = cleanFacts();
    change(facts);
    const report = conserve(facts);
    expect(report.violations).toEqual([]);
    expect(report.table).toMatchObject(table);
    expect(report.inFlight).toBe(inFlight);
    const { accepted, unanswered, confirmed, rejected, deadLettered, dropped, lost } = report.table;
    expect(accepted + unanswered).toBe(
      confirmed + rejected + deadLettered + dropped + report.table.inFlight + lost,
    );
    expect(conserve(facts, true).counts).toEqual(inFlight > 0 ? { 'in flight': 1 } : {});
  });
});

test('without mails and statistics the report says that they were not checked', () => {
  const report = conserve({ ...cleanFacts(), mails: null, statistics: null });
  expect(report).toMatchObject({
    ok: true,
    notes: ['The mails were not checked.', 'The statistics were not checked.'],
  });
});

test('of very many violations, all are counted and the first are listed', () => {
  const facts = cleanFacts(9000);
  facts.decisions = [];
  facts.mails = [];
  facts.statistics = null;
  facts.committed.email = new Map();
  const report = conserve(facts);
  expect(report.counts).toEqual({ lost: 9000 });
  expect(report.violations).toHaveLength(1000);
});

describe('what Kafka has deleted', () => {
  /** Retention has taken away what is before this offset of partition 0. */
  function deleted(facts: Facts, topic: 'ride_details' | 'ride_confirmed', before: number) {
    facts.kept[topic].set(0, before);
    facts.starts[topic].set(0, before);
    const keeps = (one: Entry) => one.partition !== 0 || one.offset >= before;
    if (topic === 'ride_details') facts.requests = facts.requests.filter(keeps);
    else facts.decisions = facts.decisions.filter(keeps);
  }

  test('a ride whose decision is deleted is no longer kept, and not lost', () => {
    const facts = cleanFacts();
    deleted(facts, 'ride_confirmed', 6);
    const { ok, violations, table } = conserve(facts);
    expect([ok, violations]).toEqual([true, []]);
    expect(table).toMatchObject({ accepted: 30, noLongerKept: 6, confirmed: 21, rejected: 3, lost: 0 });
    // All of them in that partition.
    deleted(facts, 'ride_confirmed', 20);
    expect(conserve(facts).table).toMatchObject({ noLongerKept: 20, lost: 0 });
  });

  test('a ride that was skipped after the first kept decision is lost', () => {
    const facts = cleanFacts();
    deleted(facts, 'ride_confirmed', 6);
    undecided(facts, 15);
    expect(conserve(facts)).toMatchObject({ counts: { lost: 1 }, table: { noLongerKept: 6, lost: 1 } });
  });

  test('with --from, a ride without a decision still counts as lost', () => {
    const facts = cleanFacts();
    facts.kept.ride_confirmed.set(0, 2);
    facts.starts.ride_confirmed.set(0, 4);
    facts.starts.ride_details.set(0, 4);
    facts.mails = null;
    facts.accepted = null;
    facts.requests = facts.requests.filter(({ partition, offset }) => partition === 1 || offset >= 4);
    undecided(facts, 6);
    expect(conserve(facts)).toMatchObject({ counts: { lost: 1 }, table: { noLongerKept: 0 } });
  });

  test('a dead letter that is deleted leaves a ride that is no longer kept', () => {
    const facts = cleanFacts();
    undecided(facts, 0);
    undecided(facts, 4);
    facts.kept['ride_details.transaction.dlq'].set(1, 1);
    park(facts, 'transaction', request(4));
    expect(conserve(facts)).toMatchObject({ ok: true, table: { noLongerKept: 1, deadLettered: 1, lost: 0 } });
  });

  test('a request that was handled and deleted is no longer kept', () => {
    const facts = cleanFacts();
    deleted(facts, 'ride_details', 8);
    expect(conserve(facts)).toMatchObject({ ok: true, table: { accepted: 30, noLongerKept: 8, expired: 0 } });
  });

  test('what was deleted is said also where every reader had passed it, and a later --from does not say it', () => {
    const facts = cleanFacts();
    facts.accepted = null;
    const said = () => conserve(facts).notes.filter((note) => note.startsWith('Kafka'));
    deleted(facts, 'ride_details', 8);
    expect(said()).toEqual([
      'Kafka has deleted the first 8 offsets of ride_details. Only the rest was read.',
    ]);
    deleted(facts, 'ride_confirmed', 1);
    facts.kept.ride_details.set(1, 2);
    expect(said()).toEqual([
      'Kafka has deleted the first 10 offsets of ride_details and 1 offset of ride_confirmed. Only the rest was read.',
    ]);
    for (const topic of ['ride_details', 'ride_confirmed'] as const)
      for (const partition of [0, 1]) facts.starts[topic].set(partition, 9);
    expect(said()).toEqual([]);
  });

  test('messages that were deleted before their reader handled them are named as expired, and are not in flight', () => {
    const facts = cleanFacts();
    for (let i = 15; i < 30; i++) undecided(facts, i);
    facts.committed.transaction.set(0, 10).set(1, 5);
    deleted(facts, 'ride_details', 14);
    const { violations, counts, table, inFlight } = conserve(facts);
    expect(counts).toEqual({ expired: 4 });
    expect(violations).toEqual([
      {
        kind: 'expired',
        what: "4 messages of ride_details/0 expired before transaction handled them: its committed offset is 10, and Kafka's first offset is 14.",
      },
    ]);
    expect(table).toMatchObject({ expired: 4, noLongerKept: 14, inFlight: 11, lost: 0 });
    expect(inFlight).toBe(11);
  });

  test('those that email and analytics have not handled are named too, also when they were seen before they went', () => {
    const facts = cleanFacts();
    facts.committed.email.set(0, 19);
    unmailed(facts, 28);
    facts.statistics = statisticsOf(
      facts.decisions.filter((one) => !at(28)(one)),
      new Map([
        [0, 19],
        [1, 10],
      ]),
    );
    facts.kept.ride_confirmed.set(0, 20);
    const { counts, violations, inFlight } = conserve(facts, true);
    expect([counts, inFlight]).toEqual([{ expired: 2 }, 0]);
    expect(violations.map(({ what }) => what.slice(0, what.indexOf(':') + 1))).toEqual([
      'One message of ride_confirmed/0 expired before email handled it:',
      'One message of ride_confirmed/0 expired before analytics handled it:',
    ]);
  });
});

test('rides that a later one of the same customer overtook in another partition are counted, and are no violation', () => {
  const facts = cleanFacts();
  for (const [i, partition, decided] of [
    [0, 0, 2_000_000],
    [2, 1, 1_900_000],
  ] as const) {
    const [of, to] = [facts.requests[i], facts.decisions[i]];
    Object.assign(of ?? {}, { customer: 'user_9', partition });
    Object.assign(to ?? {}, { customer: 'user_9', timestamp: decided });
  }
  const { table, counts } = conserve({ ...facts, accepted: null });
  expect([table.overtaken, counts.order]).toEqual([1, undefined]);
  expect(conserve(cleanFacts()).table.overtaken).toBe(0);
});
