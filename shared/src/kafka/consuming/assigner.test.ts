import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from './assigner.ts';

const placesOf = (count: number) =>
  Array.from({ length: count }, (_, partition) => ({ topic: 'ride_confirmed', partition }));
const partitionsOf = (shares: ReturnType<typeof share>, processes: string[]) =>
  processes.map((process) =>
    [...shares]
      .filter(([memberId]) => memberId.startsWith(`${process}-`))
      .flatMap(([, places]) => places.map(({ partition }) => partition)),
  );
const spread = (lengths: number[]) => Math.max(...lengths) - Math.min(...lengths);

test('two processes with three consumers each share three partitions', () => {
  const process = (name: string) =>
    [1, 2, 3].map((n) => `rideflow-email-${name}-00000000-0000-0000-0000-00000000000${n}`);
  const shares = share(placesOf(3), [...process('b1c2d3'), ...process('a1b2c3')]);
  expect(partitionsOf(shares, ['rideflow-email-a1b2c3', 'rideflow-email-b1c2d3'])).toEqual([[0, 2], [1]]);
});

test('every partition has one owner, and processes, and the consumers of each, differ by one at most', () => {
  const group = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9-]{1,12}$/),
      ids: fc.uniqueArray(fc.uuid(), { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 6, selector: ({ name }) => name },
  );
  fc.assert(
    fc.property(group, fc.nat({ max: 120 }), (processes, count) => {
      const members = processes.map(({ name, ids }) => ids.map((id) => `${name}-${id}`));
      const shares = share(placesOf(count), members.flat());
      const owned = [...shares.values()].flat().map(({ partition }) => partition);
      expect(owned.sort((a, b) => a - b)).toEqual(placesOf(count).map(({ partition }) => partition));
      const sizes = members.map((ids) => ids.map((id) => shares.get(id)?.length ?? Number.NaN));
      for (const ofOne of sizes) expect(spread(ofOne)).toBeLessThanOrEqual(1);
      expect(spread(sizes.map((ofOne) => ofOne.reduce((a, b) => a + b)))).toBeLessThanOrEqual(1);
    }),
  );
});

test('every group leader gets the same result', () => {
  const members = ['a', 'b', 'c'].map((name) => `${name}-00000000-0000-0000-0000-000000000000`);
  expect(share(placesOf(7), members.toReversed())).toEqual(share(placesOf(7), members));
});

test('a group without consumers has nothing to share, and members without a process name are separate processes', () => {
  expect(share(placesOf(3), [])).toEqual(new Map());
  expect(partitionsOf(share(placesOf(2), ['x-1', 'y-1']), ['x', 'y'])).toEqual([[0], [1]]);
});
