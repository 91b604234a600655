import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FetchedRecord } from '../client/kafkajs-internals.ts';
import { newest } from './newest.ts';

/** Per partition the times of its messages; null is a marker. `begin`: what retention has left. */
type Log = { begin: number; entries: (number | null)[] }[];

async function newestOf(count: number, log: Log, atLeast: (partition: number) => number = () => 0) {
  let read = 0;
  const partitions = log.map(({ begin, entries }, partition) => ({
    topic: 'ride_details',
    partition,
    start: Math.min(begin, entries.length),
    end: entries.length,
  }));
  const beginnings = await newest(
    count,
    partitions,
    async ({ partition, from, to }, onRecord) => {
      for (let offset = Number(from); offset < to; offset++) {
        const time = log[partition]?.entries[offset];
        read++;
        if (time !== null) onRecord({ offset: String(offset), timestamp: String(time) } as FetchedRecord);
      }
    },
    atLeast,
  );
  return { beginnings, from: beginnings.map(({ from }) => from), read };
}
/** One message at each of these times, each followed by so many markers. */
const each = (times: number[], markers = 0) => ({
  begin: 0,
  entries: times.flatMap((time) => [time, ...Array<null>(markers).fill(null)]),
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

test('markers between messages are not counted', async () => {
  for (const markers of [0, 1, 3]) {
    const { from } = await newestOf(100, [each(range(0, 1000), markers)]);
    expect(from).toEqual([900 * (1 + markers)]);
  }
});

test('a busy partition counts for more than a quiet one', async () => {
  const { from } = await newestOf(100, [each(range(0, 1000)), each([5, 7, 950]), each(range(0, 700))]);
  expect(from).toEqual([901, 2, 700]);
});

test('of a partition as many are taken as are wanted at least, if it has them', async () => {
  const log = [each(range(0, 100), 1), each(range(500, 600), 1), each(range(0, 3), 1)];
  const { from } = await newestOf(50, log, (partition) => [30, 0, 10][partition] ?? 0);
  expect(from).toEqual([2 * 70, 2 * 50, 0]);
});

test('deleted offsets are not requested, and nothing is read if everything fits', async () => {
  const log = [{ begin: 40, entries: range(0, 50) }];
  expect(await newestOf(10, log)).toMatchObject({ from: [40], read: 0 });
  expect(await newestOf(5, log)).toMatchObject({ from: [45] });
});

test('a log that holds hardly anything but markers is not read to its beginning', async () => {
  const { from, read } = await newestOf(10, [{ begin: 0, entries: [1, ...Array<null>(100_000).fill(null)] }]);
  expect([from, read]).toEqual([[100_001], 100]);
});

test('the newest messages are chosen, whatever the partitions contain', async () => {
  const partition = fc.record({
    begin: fc.nat(20),
    entries: fc
      .array(fc.oneof(fc.nat(10_000), fc.constant(null)), { maxLength: 300 })
      // In the order of time, as writers write.
      .map((entries) => {
        const times = entries.flatMap((time) => time ?? []).sort((a, b) => a - b);
        return entries.map((entry) => (entry === null ? null : (times.shift() ?? 0)));
      }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(partition, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 30, max: 200 }),
      async (log, count) => {
        const { from } = await newestOf(count, log);
        const kept = log.map(({ begin, entries }) =>
          entries.map((time, offset) => (offset < begin ? null : time)),
        );
        const all = kept.flat().flatMap((time) => time ?? []);
        const oldest = all.sort((a, b) => b - a)[count - 1] ?? -1;
        const within = kept.flatMap((entries, p) => entries.slice(from[p]).flatMap((time) => time ?? []));
        expect(within.filter((time) => time > oldest)).toHaveLength(
          all.filter((time) => time > oldest).length,
        );
        expect(within.length).toBeGreaterThanOrEqual(Math.min(count, all.length));
        const offsets = kept.reduce(
          (sum, { length }, p) => sum + length - Math.min(log[p]?.begin ?? 0, length),
          0,
        );
        if (offsets > count) expect(within).toHaveLength(Math.min(count, all.length));
      },
    ),
    { numRuns: 300 },
  );
});
