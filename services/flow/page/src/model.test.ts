import { expect, test } from '@jest/globals';
import type { Lane, Mark, View } from '../../src/protocol.ts';
import { keptMarks, merge, mergeMarks } from './model.ts';

const mark = (offset: number, state: Mark['state'] = 'plain'): Mark => ({ offset, what: 'message', state });
const lane = (partition: number, marks: Mark[], end = (marks.at(-1)?.offset ?? -1) + 1): Lane => ({
  topic: 'ride_details',
  partition,
  kind: 'requests',
  start: 0,
  end,
  stable: end,
  marks,
});
const view = (lanes: Lane[]): View => ({
  broker: { up: true, since: 0, brokers: 1, asked: false },
  lanes,
  groups: [],
  processes: [],
  totals: {
    accepted: 0,
    confirmed: 0,
    rejected: 0,
    deadLettered: 0,
    inFlight: 0,
    lost: 0,
    expired: 0,
    noLongerKept: 0,
    twice: 0,
    overtaken: 0,
    mailed: 0,
    repeated: 0,
    counted: 0,
    complete: true,
  },
  violations: [],
  news: [],
  samples: [],
});

test('a mark that changes keeps its place, a new one comes after it', () => {
  const merged = mergeMarks(
    [mark(3, 'open'), mark(4, 'open'), mark(5)],
    [mark(4, 'committed'), mark(6, 'open')],
  );
  expect(merged.map(({ offset, state }) => [offset, state])).toEqual([
    [3, 'open'],
    [4, 'committed'],
    [5, 'plain'],
    [6, 'open'],
  ]);
});

test('a lane keeps no more marks than the newest', () => {
  const many = Array.from({ length: keptMarks }, (_, offset) => mark(offset));
  const merged = mergeMarks(many, [mark(keptMarks), mark(keptMarks + 1)]);
  expect(merged).toHaveLength(keptMarks);
  expect(merged[0]?.offset).toBe(2);
});

test('lanes that a change does not name stay as they are', () => {
  const before = view([lane(0, [mark(0)]), lane(1, [mark(0)])]);
  const after = merge(before, { lanes: [lane(1, [mark(1)])] });
  expect(after.lanes[0]).toBe(before.lanes[0]);
  expect(after.lanes[1]?.marks.map(({ offset }) => offset)).toEqual([0, 1]);
  expect(after.lanes[1]?.end).toBe(2);
});

test('a topic that begins anew forgets its old marks', () => {
  const after = merge(view([lane(0, [mark(40), mark(41)])]), { lanes: [lane(0, [mark(0)])] });
  expect(after.lanes[0]?.marks.map(({ offset }) => offset)).toEqual([0]);
});

test('a sample that comes twice is drawn once', () => {
  const sample = (at: number) => ({ at, rides: 1, lag: {}, p50: null, p99: null, retries: 0, rebalances: 0 });
  const once = merge(view([]), { samples: [sample(1000), sample(2000)] });
  const twice = merge(once, { samples: [sample(2000), sample(3000)] });
  expect(twice.samples.map(({ at }) => at)).toEqual([1000, 2000, 3000]);
});
