import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, decision, ride } from './fixtures.ts';
import { createView, type View } from './view.ts';

const own = (id: string, offset: number, timestamp = offset * 1000) => ({
  value: ride(id),
  identity: id,
  coordinates: at(offset),
  timestamp,
});
/** From a writer without headers: its identity is its place. */
const foreign = (id: string, offset: number, timestamp: number) => ({
  ...own(id, offset, timestamp),
  identity: `ride_details/0/${offset}`,
});
const decided = (id: string, offset: number, timestamp: number, causeId?: string, driver = 'driver_4') => ({
  value: decision(id, { alloted_driver: driver }),
  identity: `ride_confirmed/0/${offset}`,
  coordinates: at(offset, 'ride_confirmed'),
  timestamp,
  causeId,
});

test('a ride is requested, and then has its decision', () => {
  const view = createView(10);
  view.request(own('a', 1));
  expect(view.get('a')).toMatchObject({
    status: 'requested',
    alloted_driver: null,
    stored: at(1),
    decided: null,
  });
  view.decision(decided('a', 7, 1005, 'a'));
  expect(view.get('a')).toMatchObject({
    status: 'confirmed',
    alloted_driver: 'driver_4',
    pickup_minutes: 12,
    stored: at(1),
    decided: at(7, 'ride_confirmed'),
  });
});

test('the address is that of the decision, which the mail goes to, and the request keeps its own', () => {
  for (const cause of ['a', undefined]) {
    const view = createView(10);
    view.request(own('a', 1));
    const { value, ...where } = decided('a', 7, 1005, cause);
    view.decision({ ...where, value: { ...value, customer_email: 'user_1@corp.example' } });
    expect(view.get('a')).toMatchObject({ customer_email: 'user_1@corp.example' });
    expect(view.first('a')?.ride.customer_email).toBe('user_1@example.com');
  }
});

test('an undecided ride that Kafka no longer keeps is expired, and a later decision still counts', () => {
  let start = 0;
  const view = createView(10, ({ offset }) => Number(offset) >= start);
  for (const n of [1, 2, 3]) view.request(own(`ride-${n}`, n));
  view.decision(decided('ride-1', 7, 1005, 'ride-1'));
  start = 3;
  const statuses = () => view.list(10).map(({ status }) => status);
  expect(statuses()).toEqual(['requested', 'expired', 'confirmed']);
  expect(view.get('ride-2')).toMatchObject({ status: 'expired', stored: at(2), decided: null });
  view.decision(decided('ride-2', 8, 2005, 'ride-2'));
  expect(statuses()).toEqual(['requested', 'confirmed', 'confirmed']);
});

test('a decision without a known request is a ride by itself', () => {
  const view = createView(10);
  view.decision(decided('a', 7, 1005, 'a'));
  expect(view.get('a')).toMatchObject({ status: 'confirmed', stored: null, customer_id: 'user_1' });
  expect(view.first('a')).toBeUndefined();
});

test('of two messages with one identity the first in the partition is the ride', () => {
  const view = createView(10);
  view.request(own('a', 1));
  view.request({ ...own('a', 2), value: ride('a', { customer_email: 'second@example.com' }) });
  expect(view.first('a')).toEqual({ ride: ride('a'), stored: at(1) });
  expect(view.size).toBe(1);
});

test('an id that a script reuses means its newest ride, with the decision of that ride', () => {
  const view = createView(10);
  view.request(foreign('0', 1, 10_000));
  view.decision(decided('0', 1, 10_100, undefined, 'driver_old'));
  view.request(foreign('0', 2, 60_000));
  expect(view.get('0')).toMatchObject({ status: 'requested', stored: at(2) });
  view.decision(decided('0', 2, 60_100, undefined, 'driver_new'));
  expect(view.get('0')).toMatchObject({ alloted_driver: 'driver_new' });
});

test('a decision that names its cause is not replaced by one that only has the same id', () => {
  const view = createView(10);
  view.request(own('a', 1));
  view.decision(decided('a', 1, 1100, 'a'));
  view.decision(decided('a', 2, 1200, undefined, 'driver_stranger'));
  expect(view.get('a')).toMatchObject({ alloted_driver: 'driver_4' });
});

test('more rides than fit: the oldest are forgotten, in every index', () => {
  const view = createView(3);
  for (let n = 0; n < 5; n++) view.request(foreign(String(n % 2), n, n * 10_000));
  expect(view.size).toBe(3);
  expect(view.list(10).map(({ stored }) => stored?.offset)).toEqual(['4', '3']);
  view.request(own('x', 9, 90_000));
  view.request(own('y', 10, 100_000));
  view.request(own('z', 11, 110_000));
  expect([view.get('0'), view.get('1')]).toEqual([undefined, undefined]);
  expect(view.list(2).map(({ id }) => id)).toEqual(['z', 'y']);
});

test('decisions of older rides do not displace newer undecided rides, in any order of reading', () => {
  const late = (n: number) => {
    const one = decided(`old-${n}`, n, 90_000 + n, `old-${n}`);
    return { ...one, value: { ...one.value, requested_at: new Date(n).toISOString() } };
  };
  const steps = [0, 1, 2].flatMap((n) => [
    (view: View) => view.request(own(`new-${n}`, n, 50_000 + n)),
    (view: View) => view.decision(late(n)),
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(steps, { minLength: 6 }), (shuffled) => {
      const view = createView(3);
      for (const step of shuffled) step(view);
      expect(view.list(10).map(({ id }) => id)).toEqual(['new-2', 'new-1', 'new-0']);
    }),
  );
});

test('a view forgets everything when the topics are new ones', () => {
  const view = createView(10);
  view.request(foreign('0', 1, 10_000));
  view.decision(decided('1', 1, 10_100));
  view.forget();
  expect([view.get('0'), view.get('1'), view.list(10), view.size]).toEqual([undefined, undefined, [], 0]);
});

test('the list is sorted by time, in any order of reading', () => {
  const view = createView(10);
  for (const n of [3, 1, 2]) view.request(own(`ride-${n}`, n));
  expect(view.list(10).map(({ id }) => id)).toEqual(['ride-3', 'ride-2', 'ride-1']);
});

test('the two topics may be read in any interleaving: the view is the same', () => {
  // Own rides, rides of foreign scripts whose ids come again, and decisions with and without a cause.
  const requests: ((view: View) => void)[] = [];
  const decisions: ((view: View) => void)[] = [];
  for (let n = 0; n < 4; n++) {
    requests.push((view) => view.request(own(`own-${n}`, n)));
    decisions.push((view) => view.decision(decided(`own-${n}`, n, n * 1000 + 50, `own-${n}`)));
  }
  for (const [run, start] of [100_000, 200_000].entries()) {
    for (let n = 0; n < 3; n++) {
      const offset = 10 + run * 3 + n;
      const cause = n === 0 ? `ride_details/0/${offset}` : undefined;
      requests.push((view) => view.request(foreign(String(n), offset, start + n * 1000)));
      decisions.push((view) =>
        view.decision(decided(String(n), offset, start + n * 1000 + 50, cause, `driver_${run}`)),
      );
    }
  }
  const ids = ['own-0', 'own-1', 'own-2', 'own-3', '0', '1', '2'];
  const expected = createView(50);
  for (const step of [...requests, ...decisions]) step(expected);
  expect(ids.map((id) => expected.get(id)?.status)).toEqual(ids.map(() => 'confirmed'));
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (choices) => {
      const view = createView(50);
      const [left, right] = [[...requests], [...decisions]];
      for (const choice of choices)
        (choice ? (left.shift() ?? right.shift()) : (right.shift() ?? left.shift()))?.(view);
      for (const step of [...left, ...right]) step(view);
      expect(ids.map((id) => view.get(id))).toEqual(ids.map((id) => expected.get(id)));
    }),
    { numRuns: 200 },
  );
});

test('a ride waits until it is decided, whoever decides it, or until a later ride of its partition is', () => {
  let start = 0;
  const view = createView(10, ({ offset }) => Number(offset) >= start);
  expect(view.waiting()).toEqual({ rides: 0, since: null });
  for (const n of [1, 2, 3, 4]) view.request(own(`ride-${n}`, n));
  view.request(foreign('7', 5, 5000));
  expect(view.waiting()).toEqual({ rides: 5, since: 1000 });
  view.decision(decided('ride-2', 7, 9000, 'ride-2'));
  expect(view.waiting()).toEqual({ rides: 3, since: 3000 }); // ride-1 is a dead letter, or lost
  view.decision(decided('7', 8, 9000)); // names no cause
  expect(view.waiting()).toEqual({ rides: 2, since: 3000 });
  start = 4;
  expect(view.waiting()).toEqual({ rides: 1, since: 4000 }); // ride-3 has expired
  view.decision(decided('ride-4', 9, 9000, 'ride-4'));
  expect(view.waiting()).toEqual({ rides: 0, since: null });
  view.forget();
  view.request(own('ride-1', 1));
  start = 0;
  expect(view.waiting()).toEqual({ rides: 1, since: 1000 });
});

test('a ride whose decision was read before its request does not wait, nor do the rides before it', () => {
  const view = createView(10);
  view.request(own('a', 1));
  view.decision(decided('b', 7, 1005, 'b'));
  view.request(own('b', 2));
  expect(view.waiting()).toEqual({ rides: 0, since: null });
});
