import { expect, test } from '@jest/globals';
import type { FeedStatus } from '@rideflow/shared/feed.ts';
import { Cast } from './cast.ts';

const status = (process: string, more: Partial<FeedStatus> = {}) =>
  ({
    process,
    service: 'transaction',
    guarantee: 'exactly-once',
    pace: { delay: 0, paused: false, step: false },
    held: [],
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

test('the processes of a fresh start have the same colours in whatever order they are met, and no two the same', () => {
  const started = ['rides', 'transaction', 'transaction', 'analytics', 'email'] as const;
  const coloursOf = (services: readonly FeedStatus['service'][]) => {
    const { cast } = aCast();
    for (const [id, service] of services.entries()) cast.status(status(`${id}`, { service }), 0);
    return Object.fromEntries(cast.view().map(({ name, colour }) => [name, colour]));
  };
  const colours = coloursOf(started);
  expect(coloursOf(started.toReversed())).toEqual(colours);
  expect(new Set(Object.values(colours)).size).toBe(started.length);
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
    'error: transaction-1 is gone, and nobody asked for it',
  ]);
});

test('a process that has just joined its group is starting, and is not said to be silent', () => {
  const { cast, told, states } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  cast.members('transaction', new Set(['a']), 5000);
  expect(states()).toEqual(['transaction-1 starting']);
  cast.status(status('a'), 6000);
  expect(states()).toEqual(['transaction-1 alive']);
  expect(told).toEqual([]);
});

test('a foreign member that never tells anything is not starting for ever', () => {
  const { cast, states } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  expect(cast.tick(16_000)).toBe(true);
  expect(states()).toEqual(['transaction-1 silent']);
});

test('an end that somebody asked for is no error', () => {
  const { cast, told, states } = aCast();
  cast.members('transaction', new Set(['a', 'b']), 0);
  cast.status(status('a'), 0);
  cast.status(status('b'), 0);
  cast.ending('a', 'killed');
  cast.silent('a', 5000);
  cast.ending('b', 'stopped');
  cast.members('transaction', new Set(['a']), 6000);
  cast.silent('b', 6000);
  cast.members('transaction', new Set(), 11_000);
  expect(states()).toEqual(['transaction-1 gone', 'transaction-2 gone']);
  expect(told).toEqual([
    expect.stringMatching(/^warning: transaction-1 was killed, as asked/),
    'ok: transaction-2 was stopped, as asked',
  ]);
});

test('after a reset, one that ends without a word was stopped as asked, too', () => {
  const { cast, told } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  cast.status(status('a'), 0);
  cast.endingAll();
  cast.silent('a', 5000);
  cast.members('transaction', new Set(), 11_000);
  expect(told).toEqual([expect.stringMatching(/: transaction-1 was stopped, as asked/)]);
});

test('a process that dies where it was armed to die is said to have died there, and once', () => {
  const { cast, told, states } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  cast.status(status('a', { crashPoint: 'after-produce:1' }), 0);
  cast.silent('a', 5000);
  expect(cast.get('a')).toMatchObject({ state: 'silent', ended: 'died' });
  cast.members('transaction', new Set(), 11_000);
  expect(states()).toEqual(['transaction-1 gone']);
  expect(told).toEqual([
    expect.stringMatching(
      /^warning: transaction-1 died at after-produce, as armed\. Kafka keeps its partitions/,
    ),
  ]);
});

test('the time since an end counts from the end, not from when the group noticed it', () => {
  const { cast } = aCast();
  cast.members('transaction', new Set(['a']), 0);
  cast.status(status('a'), 0);
  cast.ending('a', 'killed');
  cast.silent('a', 5000);
  cast.members('transaction', new Set(), 11_000);
  expect(cast.get('a')).toMatchObject({ state: 'gone', since: 5000 });
});

test('the number of a process is never used again', () => {
  const { cast, states } = aCast();
  cast.status(status('a'), 0);
  cast.silent('a', 1000);
  expect(cast.tick(60_000)).toBe(true);
  cast.status(status('b'), 61_000);
  expect(states()).toEqual(['transaction-2 alive']);
});

test('a transaction whose hold came to its end without a step is said to have committed by itself', () => {
  const { cast, told } = aCast();
  const hold = (offset: string) =>
    ({ topic: 'ride_details', partition: 1, offset, where: 'in the open transaction', until: 9000 }) as const;
  cast.status(status('a', { held: [hold('4'), hold('7')] }), 1000);
  expect(cast.get('a')?.held).toEqual([
    { coordinates: 'ride_details/1/4', where: 'in the open transaction', until: 9000 },
    { coordinates: 'ride_details/1/7', where: 'in the open transaction', until: 9000 },
  ]);
  cast.status(status('a', { held: [hold('7')] }), 5000); // by a step
  expect(told).toEqual([]);
  cast.status(status('a'), 9050);
  expect(told).toEqual([expect.stringContaining('transaction-1 committed ride_details/1/7 by itself')]);
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

test('a process that somebody has frozen stays silent, also out of its group, until it goes on or ends', () => {
  const { cast, told, states } = aCast();
  for (const id of ['a', 'b']) cast.status(status(id), 0);
  cast.members('transaction', new Set(['a', 'b']), 0);
  cast.freeze('a', 1000);
  cast.freeze('b', 1000);
  cast.status(status('a'), 1001); // sent before
  expect(states()).toEqual(['transaction-1 silent', 'transaction-2 silent']);
  cast.members('transaction', new Set(), 9000);
  cast.tick(90_000);
  expect(states()).toEqual(['transaction-1 silent', 'transaction-2 silent']);
  cast.silent('b', 90_000); // its connection ended: so did the process
  expect(states()).toEqual(['transaction-1 silent', 'transaction-2 gone']);
  expect(cast.get('b')?.since).toBe(90_000);
  cast.thaw(91_000);
  expect(states()).toEqual(['transaction-1 alive', 'transaction-2 gone']);
  expect(cast.get('a')?.ended).toBeNull();
  expect(told).toEqual([
    expect.stringContaining('transaction-1 was frozen, as asked'),
    expect.stringContaining('transaction-2 was frozen, as asked'),
    'ok: transaction-1 was resumed, as asked',
  ]);
});

test('a frozen process that is killed is said to be killed, and not as long ago as it was frozen', () => {
  const { cast, told, states } = aCast();
  cast.status(status('a'), 0);
  cast.members('transaction', new Set(['a']), 0);
  cast.freeze('a', 1000);
  cast.members('transaction', new Set(), 9000);
  cast.ending('a', 'killed', 50_000);
  cast.silent('a', 50_001);
  expect(states()).toEqual(['transaction-1 gone']);
  expect(cast.get('a')?.since).toBe(50_000);
  expect(told).toEqual([
    expect.stringContaining('transaction-1 was frozen, as asked'),
    'warning: transaction-1 was killed while it was frozen, as asked',
  ]);
});

test('of a silent process, only what its group knows is said: rides has none', () => {
  const { cast, told } = aCast();
  cast.status(status('a'), 0);
  cast.members('transaction', new Set(['a']), 0);
  cast.freeze('a', 1000);
  cast.status(status('b', { service: 'rides' }), 0);
  cast.freeze('b', 1000);
  expect(told).toEqual([
    'warning: transaction-1 was frozen, as asked. Kafka keeps its partitions for it until its session times out',
    'warning: rides-1 was frozen, as asked',
  ]);
});
