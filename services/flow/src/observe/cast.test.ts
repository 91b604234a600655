import { expect, test } from '@jest/globals';
import type { FeedStatus } from '@rideflow/shared/feed.ts';
import { Cast } from './cast.ts';

const status = (process: string, more: Partial<FeedStatus> = {}) =>
  ({
    process,
    service: 'transaction',
    guarantee: 'exactly-once',
    pace: { delay: 0, paused: false, step: false },
    crashPoint: null,
    ...more,
  }) as FeedStatus;

function aCast() {
  const told: string[] = [];
  const cast = new Cast((_service, tone, text) => void told.push(`${tone}: ${text}`));
  const states = () => cast.view().map(({ name, state }) => `${name} ${state}`);
  return { cast, told, states };
}

test('processes of a service are numbered as they are met, and keep their colour', () => {
  const { cast } = aCast();
  cast.members('transaction', new Set(['a', 'b']), 0);
  const before = cast.view().map(({ name, colour }) => [name, colour]);
  expect(before.map(([name]) => name)).toEqual(['transaction-1', 'transaction-2']);
  expect(new Set(before.map(([, colour]) => colour)).size).toBe(2);
  cast.members('transaction', new Set(['b']), 100);
  expect(cast.get('b')).toMatchObject({ name: 'transaction-2', colour: before[1]?.[1] });
});

test('a process whose operations port does not answer is silent while it is in its group, and gone when it is not', () => {
  const { cast, told, states } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  cast.status(status('a'), 0);
  expect(states()).toEqual(['transaction-1 alive']);
  cast.silent('a', 5000);
  expect(states()).toEqual(['transaction-1 silent']);
  cast.members('transaction', new Set(), 11_000);
  expect(states()).toEqual(['transaction-1 gone']);
  expect(told).toEqual([
    expect.stringContaining('transaction-1 does not answer'),
    'error: transaction-1 is gone',
  ]);
});

test('one that is paused or goes step by step says so', () => {
  const { cast, states } = aCast();
  cast.status(status('a', { pace: { delay: 0, paused: true, step: false } }), 0);
  expect(states()).toEqual(['transaction-1 paused']);
  cast.status(status('a', { pace: { delay: 400, paused: false, step: false } }), 0);
  expect(states()).toEqual(['transaction-1 alive']);
});

test('of a service that dies again and again, the last two are shown for a while', () => {
  const { cast, states } = aCast();
  for (const id of ['a', 'b', 'c', 'd']) {
    cast.status(status(id), 1000);
    cast.silent(id, 2000);
  }
  expect(states()).toHaveLength(2);
  expect(cast.tick(60_000)).toBe(true);
  expect(states()).toEqual([]);
});
