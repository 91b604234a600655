import { expect, test } from '@jest/globals';
import type { Group, Lane, Mark } from '../../../src/protocol.ts';
import { offsetAt, xBefore, xOf } from './hit.ts';
import { layOut } from './layout.ts';
import { finished, slotsOf } from './slots.ts';

const lane = (kind: Lane['kind'], partition: number, more: Partial<Lane> = {}): Lane => ({
  topic: kind === 'requests' ? 'ride_details' : 'ride_confirmed',
  partition,
  kind,
  start: 0,
  end: 100,
  stable: 100,
  marks: [],
  ...more,
});
const group = (name: string, topic: string, committed: number[]): Group => ({
  name,
  topic,
  state: 'stable',
  rebalances: 0,
  done: 0,
  partitions: committed.map((place) => ({ committed: place, lag: 0, owner: null })),
});
const groups = [
  group('transaction', 'ride_details', [90]),
  group('analytics', 'ride_confirmed', [95]),
  group('email', 'ride_confirmed', [80]),
];
const system = (partitions: number) =>
  (['requests', 'decisions'] as const).flatMap((kind) =>
    Array.from({ length: partitions }, (_, partition) => lane(kind, partition)),
  );
const mark = (offset: number, more: Partial<Mark> = {}): Mark => ({
  offset,
  what: 'message',
  state: 'plain',
  ...more,
});

test('three partitions fit a projector of 720 lines', () => {
  expect(layOut(system(3), groups, 900, 500).height).toBeLessThanOrEqual(500);
});

test.each([
  ['at 1280 × 720', 475],
  ['with a sum of two rows', 456],
])('there is room for the customers below the marks, %s', (_where, height) => {
  const layout = layOut(system(3), groups, 900, height);
  expect(layout.named).toBe(true);
  expect(layout.height).toBeLessThanOrEqual(height);
});

test('large type, or a low window, fits without scrolling where its smallest lanes do', () => {
  expect(layOut(system(3), groups, 882, 521, 18 / 13).height).toBeLessThanOrEqual(521);
  expect(layOut(system(3), groups, 820, 435).height).toBeLessThanOrEqual(435);
  // Above the last card of a lesson, without a legend.
  expect(layOut(system(3), groups, 1200, 503, 18 / 13).height).toBeLessThanOrEqual(503);
});

test('twelve partitions get taller instead of too small', () => {
  const layout = layOut(system(12), groups, 900, 500);
  expect(layout.laneHeight).toBeGreaterThanOrEqual(18);
  expect(layout.height).toBeGreaterThan(500);
  expect(layout.lanes).toHaveLength(24);
});

test('rows never overlap, and effects go down', () => {
  const { rows } = layOut(system(3), groups, 900, 500);
  for (const [i, row] of rows.entries())
    if (i > 0) expect(row.y).toBeGreaterThanOrEqual((rows[i - 1]?.y ?? 0) + (rows[i - 1]?.height ?? 0));
  expect(rows.filter(({ kind }) => kind !== 'lane').map(({ name }) => name)).toEqual([
    'rides',
    'ride_details',
    'transaction',
    'ride_confirmed',
    'analytics',
    'email',
    'dead letters',
  ]);
});

test('a point in a slot finds the offset that is drawn there', () => {
  const layout = layOut(system(3), groups, 900, 500);
  expect(offsetAt(layout, 100, 1, xOf(layout, 100, 1, 97))).toBe(97);
  expect(offsetAt(layout, 50_000, 500, xOf(layout, 50_000, 500, 48_700))).toBe(48_500);
  expect(offsetAt(layout, 100, 1, layout.right + 5)).toBeNull();
});

test('a triangle stands between what is finished and what is not', () => {
  const layout = layOut(system(3), groups, 900, 500);
  const x = xBefore(layout, 100, 1, 90);
  expect(x).toBeGreaterThan(xOf(layout, 100, 1, 89));
  expect(x).toBeLessThan(xOf(layout, 100, 1, 90));
});

test('a message is read when the slowest of its readers has finished it', () => {
  const decisions = lane('decisions', 0, { marks: [mark(79), mark(80)] });
  expect(finished(decisions, groups.slice(1))).toBe(80);
  const read = slotsOf(decisions, groups.slice(1), 1, 79).slice(0, 2);
  expect(read.map((slot) => slot.read)).toEqual([true, false]);
});

test('a reader that has committed nothing yet has everything in front of it', () => {
  expect(finished(lane('requests', 0, { start: 7 }), [group('transaction', 'ride_details', [-1])])).toBe(7);
});

test('one mark for many offsets shows what must not be overlooked', () => {
  const marks = [
    mark(91, { deadLetter: 'x/0/1' }),
    mark(96, { state: 'open' }),
    mark(97, { state: 'aborted' }),
    mark(98, { what: 'commit' }),
  ];
  const slots = slotsOf(lane('requests', 0, { marks }), [], 5, 85);
  expect(slots.map(({ from, to, look, state }) => [from, to, look, state])).toEqual([
    [85, 90, 'message', 'plain'],
    [90, 95, 'dead letter', 'plain'],
    [95, 100, 'message', 'open'],
  ]);
});

test('an offset of which nothing is known is not drawn as a message', () => {
  const slots = slotsOf(lane('requests', 0, { marks: [mark(99)] }), [], 1, 98);
  expect(slots.map(({ look }) => look)).toEqual(['unknown', 'message']);
});

test('what Kafka no longer has is not drawn', () => {
  const [first] = slotsOf(lane('requests', 0, { start: 98 }), [], 1, 90);
  expect(first?.from).toBe(98);
});
