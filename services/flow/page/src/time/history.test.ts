import { expect, test } from '@jest/globals';
import type { Lane, View } from '../../../src/protocol.ts';
import { History, mostMarks } from './history.ts';

const lane = (end: number, marks: number): Lane => ({
  topic: 'ride_details',
  partition: 0,
  kind: 'requests',
  start: 0,
  end,
  stable: end,
  marks: Array.from({ length: marks }, (_, i) => ({
    offset: end - marks + i,
    what: 'message',
    state: 'plain',
  })),
});
const view = (...lanes: Lane[]) => ({ lanes }) as View;
const endAt = (history: History, at: number) => history.at(at)?.view.lanes[0]?.end;

test('each quarter of a second of the last minute is kept, each second of the four minutes before, and nothing older', () => {
  const history = new History();
  for (let at = 0; at <= 600_000; at += 100) history.add({ at, view: view(lane(at, 0)) });
  expect(history.first?.at).toBeGreaterThanOrEqual(300_000);
  expect(history.first?.at).toBeLessThanOrEqual(301_000);
  for (let at = 541_000; at <= 600_000; at += 70) {
    expect(endAt(history, at)).toBeGreaterThan(at - 400);
    expect(endAt(history, at)).toBeLessThanOrEqual(at);
  }
  for (let at = 305_000; at < 540_000; at += 1000) expect(endAt(history, at)).toBeGreaterThan(at - 1600);
  expect(endAt(history, 1000)).toBe(history.first?.at);
});

test('what changed right after another change is kept, if nothing follows it for a while', () => {
  const history = new History();
  for (const at of [0, 300, 400, 9000]) history.add({ at, view: view(lane(at, 0)) });
  expect(endAt(history, 8000)).toBe(400);
  for (let at = 10_000; at < 100_000; at += 500) history.add({ at, view: view(lane(at, 0)) });
  expect(endAt(history, 8000)).toBe(400);
});

test('what takes more memory than there is room for is kept for a shorter time', () => {
  const history = new History();
  for (let at = 0; at <= 300_000; at += 250)
    history.add({ at, view: view(...Array.from({ length: 24 }, () => lane(at, 64))) });
  expect(history.marks).toBeLessThanOrEqual(mostMarks);
  expect(history.marks).toBeGreaterThan(mostMarks * 0.9);
  expect(endAt(history, 300_000)).toBe(300_000);
});

test('a lane that does not change takes its room once', () => {
  const history = new History();
  const same = lane(64, 64);
  for (let at = 0; at <= 400_000; at += 500) history.add({ at, view: view(same, lane(at, 1)) });
  expect(history.marks).toBeLessThan(64 + 600);
  history.clear();
  expect(history.marks).toBe(0);
  expect(history.at(0)).toBeNull();
});
