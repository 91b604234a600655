import { expect, test } from '@jest/globals';
import { record } from './fixtures.ts';
import { Lane } from './lane.ts';
import type { WatchedRecord } from './watched.ts';

function laneOf(topic = 'ride_confirmed') {
  const lane = new Lane(topic, 0, 'decisions');
  const ended: [number, string, number][] = [];
  const take = (...records: WatchedRecord[]) => {
    const end = (records.at(-1)?.offset ?? -1) + 1;
    lane.take(
      { topic, partition: 0, start: 0, end, stable: end, records },
      () => {},
      ({ glance, state, at }) => ended.push([glance.offset, state, at]),
    );
  };
  const marks = () => lane.view().marks.map(({ offset, what, state }) => `${offset} ${what} ${state}`);
  return { lane, ended, take, marks };
}
const inTransaction = (offset: number, producer: string) => record(offset, { id: 'a' }, { producer });
const marker = (offset: number, producer: string, what: 'commit' | 'abort') =>
  record(offset, null, { producer, marker: what, timestamp: 5000 + offset });

test('what is written without a transaction counts at once', () => {
  const { take, ended, marks } = laneOf();
  take(record(0, { id: 'a' }), record(1, { id: 'b', status: 'rejected' }));
  expect(ended).toEqual([
    [0, 'plain', 1000],
    [1, 'plain', 1001],
  ]);
  expect(marks()).toEqual(['0 message plain', '1 rejected plain']);
});

test('what is in an open transaction is open, and counts with its marker', () => {
  const { take, ended, marks } = laneOf();
  take(inTransaction(0, 'p1'), inTransaction(1, 'p1'));
  expect(marks()).toEqual(['0 message open', '1 message open']);
  expect(ended).toEqual([]);
  take(marker(2, 'p1', 'commit'));
  expect(ended).toEqual([
    [0, 'committed', 5002],
    [1, 'committed', 5002],
  ]);
  expect(marks()).toEqual(['0 message committed', '1 message committed', '2 commit committed']);
});

test('a marker ends the transaction of its own producer alone', () => {
  const { take, ended, marks } = laneOf();
  take(inTransaction(0, 'p1'), inTransaction(1, 'p2'), marker(2, 'p1', 'abort'));
  expect(ended).toEqual([[0, 'aborted', 5002]]);
  expect(marks()).toEqual(['0 message aborted', '1 message open', '2 abort aborted']);
});

test('a change holds what is new and what became of what was open, and nothing else', () => {
  const { lane, take } = laneOf();
  take(inTransaction(0, 'p1'), record(1, { id: 'b' }));
  expect(lane.change()?.marks).toHaveLength(2);
  expect(lane.change()).toBeNull();
  take(marker(2, 'p1', 'commit'));
  expect(lane.change()?.marks.map(({ offset }) => offset)).toEqual([0, 2]);
});

test('a dead letter is shown at the message that it was', () => {
  const { lane, take } = laneOf('ride_details');
  take(record(0, { id: 'a' }));
  lane.change();
  lane.park(0, 'ride_details.transaction.dlq/0/0');
  expect(lane.change()?.marks).toEqual([
    expect.objectContaining({ offset: 0, deadLetter: 'ride_details.transaction.dlq/0/0' }),
  ]);
});

test('only what can be drawn is kept, however much comes', () => {
  const { lane, take } = laneOf();
  for (let n = 0; n < 1000; n++) take(record(n, { id: `${n}` }));
  expect(lane.view().marks.map(({ offset }) => offset)).toEqual(
    Array.from({ length: 64 }, (_, n) => 936 + n),
  );
  expect(lane.change()?.marks.length).toBeLessThanOrEqual(64);
});

test('a dead letter names its original, and what settles it names the dead letter', () => {
  const topic = 'ride_confirmed.email.dlq';
  const { lane, take } = laneOf(topic);
  const headers = { ce_cause: 'ride_details/0/7', dead_letter_from: 'ride_confirmed/0/9' };
  take(record(0, { id: 'a' }, { headers }), record(1, null, { headers: { resolved: `${topic}/0/0` } }));
  expect(lane.view().marks.map(({ what, cause }) => `${what} ${cause}`)).toEqual([
    'message ride_confirmed/0/9',
    `settled ${topic}/0/0`,
  ]);
});

test('of few messages that change at once the customers are told, of many they are left out', () => {
  const { lane, take } = laneOf('ride_details');
  const customers = () => lane.change()?.marks.map(({ customer }) => customer);
  take(record(0, { id: 'a', customer_id: 'user_7' }));
  expect(customers()).toEqual(['user_7']);
  take(...Array.from({ length: 40 }, (_, i) => record(1 + i, { id: `${i}`, customer_id: 'user_7' })));
  expect(customers()).toEqual(Array.from({ length: 40 }, () => undefined));
  expect(lane.view().marks.at(-1)).toMatchObject({ offset: 40, customer: 'user_7' });
});

test('a marker tells of which producer and epoch it is, and what it ends', () => {
  const { lane, take } = laneOf();
  take(inTransaction(0, 'p1'), inTransaction(1, 'p2'));
  const markers: unknown[] = [];
  const records = [{ ...marker(2, 'p1', 'abort'), epoch: 4 }, marker(3, 'p3', 'commit')];
  lane.take(
    { topic: 'ride_confirmed', partition: 0, start: 0, end: 4, stable: 1, records },
    () => {},
    () => {},
    (one) => void markers.push(one),
  );
  expect(markers).toEqual([
    {
      coordinates: 'ride_confirmed/0/2',
      what: 'abort',
      more: 0,
      producer: 'p1',
      epoch: 4,
      at: 5002,
      ended: ['ride_confirmed/0/0'],
    },
    expect.objectContaining({ coordinates: 'ride_confirmed/0/3', what: 'commit', ended: [] }),
  ]);
});

test('a dead letter that is read before its message marks it all the same', () => {
  const { lane, take } = laneOf('ride_details');
  lane.park(1, 'ride_details.transaction.dlq/0/0');
  take(record(0, { id: 'a' }), record(1, { id: 'b' }));
  expect(lane.view().marks.map(({ deadLetter }) => deadLetter)).toEqual([
    undefined,
    'ride_details.transaction.dlq/0/0',
  ]);
});
