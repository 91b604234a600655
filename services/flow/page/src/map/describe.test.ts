import { expect, test } from '@jest/globals';
import type { Group, Lane, Mark } from '../../../src/protocol.ts';
import { parked } from './bin.ts';
import { Changes, fallTime, fillTime } from './changes.ts';
import { describeLane, describeSlot } from './describe.ts';

const lane = (marks: Mark[], more: Partial<Lane> = {}): Lane => ({
  topic: 'ride_details',
  partition: 0,
  kind: 'requests',
  start: 0,
  end: (marks.at(-1)?.offset ?? -1) + 1,
  stable: (marks.at(-1)?.offset ?? -1) + 1,
  marks,
  ...more,
});
const mark = (offset: number, more: Partial<Mark> = {}): Mark => ({
  offset,
  what: 'message',
  state: 'committed',
  ...more,
});
const reader = (name: string, committed: number, owner: string | null = null): Group => ({
  name,
  topic: 'ride_details',
  state: 'stable',
  rebalances: 0,
  done: 0,
  partitions: [{ committed, lag: 2, owner }],
});

test('a message says which reader it still waits for', () => {
  const marks = lane([mark(0), mark(1)]);
  expect(describeSlot(marks, [reader('analytics', 2), reader('email', 1)], 1, 1)).toBe(
    'Offset 1: a message, committed, waiting for email.',
  );
  expect(describeSlot(marks, [reader('analytics', 2), reader('email', 2)], 1, 1)).toBe(
    'Offset 1: a message, committed, read by every reader.',
  );
});

test('each state of a transaction is told in the words of the field', () => {
  const marks = lane([
    mark(0, { state: 'open' }),
    mark(1, { state: 'aborted' }),
    mark(2, { what: 'commit' }),
    mark(3, { what: 'abort' }),
    mark(4, { deadLetter: 'x/0/0' }),
    mark(5, { what: 'rejected' }),
  ]);
  const told = [0, 1, 2, 3, 4, 5].map((offset) => describeSlot(marks, [reader('transaction', 9)], 1, offset));
  expect(told[0]).toContain('in an open transaction: no read-committed reader may see it yet');
  expect(told[1]).toContain('aborted: it keeps its offset and counts nowhere');
  expect(told[2]).toContain('a commit marker');
  expect(told[3]).toContain('an abort marker');
  expect(told[4]).toContain('a dead letter');
  expect(told[5]).toContain('a rejected ride, committed, read by every reader');
});

test('one mark for many offsets says for which', () => {
  const crowd = lane([], { end: 5000 });
  expect(describeSlot(crowd, [reader('transaction', 0)], 1000, 3000)).toBe(
    'Offsets 3\u202f000 to 3\u202f999, drawn as one mark: waiting for transaction.',
  );
});

test('a lane says who owns it and how far behind its readers are', () => {
  const text = describeLane(lane([mark(0)]), [reader('transaction', 0, 'x')], () => 'transaction-2');
  expect(text).toBe(
    'ride_details, partition 0, end offset 1; transaction reads it through transaction-2, 2 offsets behind',
  );
});

test('a dead letter lies in the bin until it is replayed or dropped', () => {
  const topic = 'ride_details.transaction.dlq';
  const bin = lane(
    [
      mark(0, { cause: 'ride_details/0/4' }),
      mark(1, { cause: 'ride_details/0/9' }),
      mark(2, { what: 'settled', cause: `${topic}/0/0` }),
    ],
    { topic, kind: 'dead letters' },
  );
  expect(parked([bin])).toEqual([
    { coordinates: `${topic}/0/1`, cause: 'ride_details/0/9', reader: 'transaction' },
  ]);
});

test('a mark that is committed fills, one that is parked falls, and both come to rest', () => {
  const changes = new Changes();
  changes.see([lane([mark(0, { state: 'open' }), mark(1)])], 0);
  changes.see([lane([mark(0), mark(1, { deadLetter: 'x/0/0' })])], 100);
  expect([...changes.fills]).toEqual([['ride_details/0/0', { from: 'open', at: 100 }]]);
  expect(changes.falls.map(({ offset }) => offset)).toEqual([1]);
  expect(changes.forget(100 + fillTime)).toBe(true);
  expect(changes.forget(101 + Math.max(fillTime, fallTime))).toBe(false);
});

test('what was there before the page looked does not move', () => {
  const changes = new Changes();
  changes.see([lane([mark(0, { deadLetter: 'x/0/0' })])], 0);
  expect(changes.falls).toEqual([]);
});
