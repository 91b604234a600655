import { expect, test } from '@jest/globals';
import { decision, parked, record, request } from './fixtures.ts';
import { glance } from './glance.ts';
import { Ledger } from './ledger.ts';

const nobody = () => 0;
const ledger = () => new Ledger((coordinates) => `the ride at ${coordinates}`);

test('every request is confirmed, rejected, dead-lettered or in flight', () => {
  const it = ledger();
  for (let offset = 0; offset < 4; offset++) it.request(request(0, offset));
  it.decision(decision(0, 0, 0));
  it.decision(decision(0, 1, 1, 'rejected'));
  it.deadLetter(parked(0, 0, 2));
  expect(it.totals).toEqual({
    accepted: 4,
    confirmed: 1,
    rejected: 1,
    deadLettered: 1,
    inFlight: 1,
    lost: 0,
    expired: 0,
    noLongerKept: 0,
    twice: 0,
  });
});

test('what is read before its cause counts as soon as the cause is seen', () => {
  const it = ledger();
  it.decision(decision(0, 0, 5));
  it.deadLetter(parked(0, 0, 6));
  it.request(request(0, 5));
  it.request(request(0, 6));
  expect(it.totals).toMatchObject({ accepted: 2, confirmed: 1, deadLettered: 1, inFlight: 0 });
});

test('what came of requests before the first that was read counts nowhere', () => {
  const it = ledger();
  it.decision(decision(0, 0, 3));
  it.request(request(0, 5));
  it.decision(decision(0, 1, 4));
  expect(it.totals).toMatchObject({ accepted: 1, confirmed: 0, inFlight: 1 });
});

test('a second decision of one ride is doubled, and is listed with its ride', () => {
  const it = ledger();
  it.request(request(1, 7));
  it.decision(decision(1, 0, 7));
  it.decision(decision(1, 2, 7));
  expect(it.totals).toMatchObject({ confirmed: 1, twice: 1, inFlight: 0 });
  expect(it.violations).toEqual([
    expect.objectContaining({
      what: 'twice',
      coordinates: 'ride_details/1/7',
      ride: 'the ride at ride_details/1/7',
    }),
  ]);
});

test('a request that is stored twice is one ride', () => {
  const it = ledger();
  it.request(request(0, 0, 'ride-0-0'));
  it.request(request(0, 1, 'ride-0-0'));
  it.decision(decision(0, 0, 0));
  it.judge(0, nobody);
  it.judge(10_000, () => 2);
  expect(it.totals).toMatchObject({ accepted: 1, confirmed: 1, lost: 0, inFlight: 0 });
});

test('a ride that was passed over is lost, once nothing has come of it for a while', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.request(request(0, 1));
  it.decision(decision(0, 0, 1));
  it.judge(1000, nobody);
  expect(it.totals).toMatchObject({ lost: 0, inFlight: 1 });
  it.judge(4000, nobody);
  expect(it.totals).toMatchObject({ lost: 1, inFlight: 0 });
  expect(it.violations[0]).toMatchObject({ what: 'lost', coordinates: 'ride_details/0/0' });
});

test('a ride whose dead letter is seen late is not lost', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.request(request(0, 1));
  it.decision(decision(0, 0, 1));
  it.judge(1000, nobody);
  it.deadLetter(parked(0, 0, 0));
  it.judge(9000, nobody);
  expect(it.totals).toMatchObject({ lost: 0, deadLettered: 1 });
});

test('what its reader has passed and left behind is lost, although nothing came after it', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.judge(1000, () => 1);
  it.judge(4000, () => 1);
  expect(it.totals).toMatchObject({ lost: 1, inFlight: 0 });
});

test('what was lost and comes after all is lost no more', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.judge(1000, () => 1);
  it.judge(4000, () => 1);
  it.decision(decision(0, 0, 0));
  expect(it.totals).toMatchObject({ lost: 0, confirmed: 1 });
  expect(it.violations).toEqual([]);
});

test('a request that Kafka deleted before anything came of it has expired, and is not in flight, until its decision comes after all', () => {
  const it = ledger();
  for (let offset = 0; offset < 4; offset++) it.request(request(0, offset));
  it.decision(decision(0, 0, 0));
  it.requestsKept(0, 3);
  it.judge(1000, nobody);
  expect(it.totals).toMatchObject({ confirmed: 1, inFlight: 3, expired: 0 });
  it.judge(4000, nobody);
  expect(it.totals).toMatchObject({ confirmed: 1, inFlight: 1, expired: 2, lost: 0 });
  expect(it.violations.map(({ what, coordinates }) => [what, coordinates])).toEqual([
    ['expired', 'ride_details/0/2'],
    ['expired', 'ride_details/0/1'],
  ]);
  it.decision(decision(0, 1, 1));
  expect(it.totals).toMatchObject({ confirmed: 2, inFlight: 1, expired: 1 });
  expect(it.violations.map(({ coordinates }) => coordinates)).toEqual(['ride_details/0/2']);
});

test('requests whose decisions Kafka had deleted at the start are no longer kept; a later one that was passed over is lost', () => {
  const it = ledger();
  it.decisionsKept(0, 7);
  for (let offset = 0; offset < 6; offset++) it.request(request(0, offset));
  it.judge(1000, () => 2);
  it.judge(4000, () => 2);
  expect(it.totals).toMatchObject({ noLongerKept: 2, inFlight: 4, lost: 0 });
  it.decision(decision(0, 7, 3));
  it.decision(decision(0, 8, 5));
  it.decisionsKept(0, 8);
  it.judge(5000, nobody);
  it.judge(9000, nobody);
  expect(it.totals).toMatchObject({ noLongerKept: 3, confirmed: 2, lost: 1, inFlight: 0 });
  expect(it.violations.map(({ coordinates }) => coordinates)).toEqual(['ride_details/0/4']);
});

test('a dead letter that is replayed is decided once, by the place of its replay', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.deadLetter(parked(0, 0, 0));
  const replay = record(1, { id: 'ride-0-0' }, { headers: { ce_id: 'ride-0-0', replay_for: 'transaction' } });
  it.request(glance('ride_details', 0, replay));
  it.decision({ ...decision(0, 0, 0), cause: 'ride_details/0/1' }); // its cause is the replay
  expect(it.totals).toMatchObject({ accepted: 1, confirmed: 1, deadLettered: 0, inFlight: 0, twice: 0 });
});

test('a parked message with a header like that of a mark settles nothing', () => {
  const headers = { resolved: 'ride_confirmed.email.dlq/0/5', dead_letter_by: 'email' };
  const parked = record(6, { id: 'ride-0-0' }, { headers });
  expect(glance('ride_confirmed.email.dlq', 0, parked).settles).toBeNull();
});

test('a replay whose decision is read before it counts all the same', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.deadLetter(parked(0, 0, 0));
  const replay = record(1, { id: 'ride-0-0' }, { headers: { ce_id: 'ride-0-0', replay_for: 'transaction' } });
  it.decision({ ...decision(0, 0, 0), cause: 'ride_details/0/1' });
  it.request(glance('ride_details', 0, replay));
  expect(it.totals).toMatchObject({ accepted: 1, confirmed: 1, deadLettered: 0, inFlight: 0, twice: 0 });
});

test('a decision that was replayed for one reader is no second decision', () => {
  const it = ledger();
  it.request(request(0, 0));
  it.decision(decision(0, 0, 0));
  it.decision({ ...decision(0, 4, 0), replayFor: 'email' });
  expect(it.totals).toMatchObject({ confirmed: 1, twice: 0 });
});

test('a decision of a foreign script, which names no cause, counts for the ride of its id', () => {
  const it = ledger();
  it.request(request(2, 0, 'ride-of-a-script'));
  it.decision(glance('ride_confirmed', 2, record(0, { id: 'ride-of-a-script', status: 'confirmed' })));
  expect(it.totals).toMatchObject({ confirmed: 1, inFlight: 0 });
});

test('the sums stay exact while what is settled is forgotten', () => {
  const it = ledger();
  const rides = 20_000; // several pages of offsets
  for (let offset = 0; offset < rides; offset++) {
    it.request(request(0, offset));
    if (offset % 10 > 0) it.decision(decision(0, 2 * offset, offset));
    if (offset % 1000 === 0) it.judge(0, nobody);
  }
  expect(it.totals).toMatchObject({
    accepted: rides,
    confirmed: (rides * 9) / 10,
    inFlight: rides / 10,
    lost: 0,
    expired: 0,
    noLongerKept: 0,
  });
});

test('a request that is passed while nothing becomes of it is told at once, as lost when that is certain, and no more when it is decided', () => {
  const told: string[] = [];
  const it = new Ledger(
    () => null,
    (_partition, offset, fate) => told.push(`${offset} ${fate}`),
  );
  for (const offset of [0, 1]) it.request(request(0, offset));
  const committed = () => 2;
  it.judge(0, nobody, committed);
  expect([told, it.fateOf(0, 1)]).toEqual([[], 'passed']);
  it.judge(1500, nobody, committed);
  expect(told).toEqual(['0 passed', '1 passed']);
  it.decision(decision(0, 0, 1));
  it.judge(2000, nobody, committed);
  it.judge(4100, nobody, committed);
  expect(told.filter((one) => !one.endsWith('passed'))).toEqual(['1 null', '0 lost']);
  expect([it.fateOf(0, 0), it.fateOf(0, 1)]).toEqual(['lost', null]);
});
