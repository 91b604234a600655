import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Problem } from '@rideflow/shared/http/problem.ts';
import type { LookBack } from '@rideflow/shared/kafka/observing/look-back.ts';
import type { FetchedRecord } from '@rideflow/shared/kafka/watch.ts';
import { Archive, timeOf } from './archive.ts';

const noon = Date.parse('2026-01-01T12:00:00Z');
/** A UUIDv7 of this time. */
const idAt = (ms: number) => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};

interface Written {
  at: number;
  value?: object;
  headers?: Record<string, string>;
  /** In a transaction. */
  producer?: string;
  marker?: 'commit' | 'abort';
}

/** A Kafka that keeps these messages, by `topic/partition`, from an offset on. */
function kafka(kept: Record<string, { start?: number; written: Written[] }>) {
  let read = 0;
  const of = (topic: string, partition: number) => {
    const { start = 0, written = [] } = kept[`${topic}/${partition}`] ?? {};
    return { start, written, end: start + written.length };
  };
  const look: LookBack = {
    async offsetsAt(topic, time) {
      return [0, 1].map((partition) => {
        const { start, written, end } = of(topic, partition);
        const first = written.findIndex(({ at }) => at >= time);
        return { start, at: first < 0 ? end : start + first, end };
      });
    },
    async read({ topic, partition, from, to }, onRecord) {
      const { start, written, end } = of(topic, partition);
      for (let offset = Number(from); offset < Math.min(Number(to), end); offset++) {
        const { at, value = {}, headers = {}, producer, marker } = written[offset - start] as Written;
        read++;
        onRecord({
          offset: String(offset),
          timestamp: String(at),
          key: marker ? Buffer.from([0, 0, 0, marker === 'commit' ? 1 : 0]) : null,
          value: marker ? Buffer.alloc(6) : Buffer.from(JSON.stringify(value)),
          headers,
          isControlRecord: marker !== undefined,
          batchContext: {
            producerId: producer ?? '-1',
            producerEpoch: 0,
            inTransaction: producer !== undefined,
          },
        } as FetchedRecord);
      }
    },
  };
  return { archive: new Archive((use) => use(look)), read: () => read };
}

const others = (n: number, from: number): Written[] =>
  Array.from({ length: n }, (_, i) => ({ at: from + 10 * i, value: { id: idAt(from + 10 * i) } }));
const sentence = (found: Promise<unknown>) =>
  found.then(
    () => 'found',
    (error) => {
      if (error instanceof Problem) return error.message;
      throw error;
    },
  );

test('a ride is found by the time in its id, with its decision and the end of its transaction', async () => {
  const id = idAt(noon);
  const { archive, read } = kafka({
    'ride_details/0': { written: [...others(30_000, noon - 300_000), ...others(30_000, noon + 1)] },
    'ride_details/1': {
      start: 100,
      written: [...others(3000, noon - 30_000), { at: noon + 5, value: { id } }, ...others(10, noon + 100)],
    },
    'ride_confirmed/1': {
      written: [
        ...others(3000, noon - 30_000),
        {
          at: noon + 20,
          value: { id, status: 'confirmed' },
          headers: { ce_cause: 'ride_details/1/3100' },
          producer: '7',
        },
        { at: noon + 30, producer: '7', marker: 'abort' },
        {
          at: noon + 40,
          value: { id, status: 'rejected' },
          headers: { ce_cause: 'ride_details/1/3100' },
          producer: '8',
        },
        { at: noon + 50, producer: '8', marker: 'commit' },
        ...others(10, noon + 100),
      ],
    },
  });
  const { messages, cut } = await archive.ride(id);
  expect(
    messages.map(({ glance: { topic, offset }, state, endedAt }) => ({ topic, offset, state, endedAt })),
  ).toEqual([
    { topic: 'ride_details', offset: 3100, state: 'plain', endedAt: noon + 5 },
    { topic: 'ride_confirmed', offset: 3000, state: 'aborted', endedAt: noon + 30 },
    { topic: 'ride_confirmed', offset: 3002, state: 'committed', endedAt: noon + 50 },
  ]);
  expect(cut).toBeNull();
  expect(read()).toBeLessThan(20_000);
  const before = read();
  expect((await archive.ride(id)).messages).toHaveLength(3);
  expect(read()).toBe(before);
  // From the coordinates of its decision, the same.
  const byDecision = await archive.message({ topic: 'ride_confirmed', partition: 1, offset: 3002 });
  expect(byDecision.messages).toHaveLength(3);
  const byMarker = await archive.message({ topic: 'ride_confirmed', partition: 1, offset: 3003 });
  expect(byMarker.marker).toMatchObject({ what: 'commit', producer: '8', at: noon + 50 });
});

test('a decision that is too far behind its request is said not to be found, and not to be missing', async () => {
  const id = idAt(noon);
  const { archive } = kafka({
    'ride_details/0': { written: [{ at: noon + 5, value: { id } }] },
    'ride_confirmed/0': {
      written: [...others(21_000, noon), { at: noon + 220_000, value: { id } }],
    },
  });
  expect((await archive.ride(id)).cut).toBe(20_000);
});

test('a ride that is not found is told why: Kafka has deleted it, it never was, or its id has no time', async () => {
  const { archive } = kafka({
    'ride_details/0': { start: 500, written: others(10, noon) },
    'ride_details/1': { written: others(10, noon + 500_000) },
  });
  expect(await sentence(archive.ride(idAt(noon - 600_000)))).toMatch(
    /is of 2026-01-01T11:50:00.000Z, by its id, and Kafka no longer keeps all messages of that time\.$/,
  );
  expect(await sentence(archive.ride(idAt(noon + 400_000)))).toMatch(
    /is among the messages that Kafka has of 2026-01-01T12:06:40.000Z, the time in the id\.$/,
  );
  expect(await sentence(archive.ride('ride-1'))).toMatch(/found by the time in its whole id \(UUIDv7\)/);
  const at = (offset: number) => archive.message({ topic: 'ride_details', partition: 0, offset });
  expect(await sentence(at(499))).toBe(
    'Kafka has deleted ride_details/0/499: it keeps that partition from offset 500 on.',
  );
  expect(await sentence(at(510))).toBe('Nothing is stored at ride_details/0/510: the partition ends at 510.');
  expect(timeOf(idAt(noon))).toBe(noon);
});

test('whoever asks again and again, or at the same time, for what is not there makes Kafka look once', async () => {
  const { archive, read } = kafka({ 'ride_details/0': { written: others(500, noon) } });
  const id = idAt(noon + 1001);
  const sentences = await Promise.all([1, 2, 3].map(() => sentence(archive.ride(id))));
  expect(new Set(sentences).size).toBe(1);
  const before = read();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(500);
  expect(await sentence(archive.ride(id))).toBe(sentences[0]);
  expect(read()).toBe(before);
});
