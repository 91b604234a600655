import { expect, test } from '@jest/globals';
import type { Seen } from '../support/collector.ts';
import { waits, waitsIn } from './waits.ts';

/** @param start in milliseconds, as `end` */
const span = (traceId: string, name: string, start: number, end: number, key?: string): Seen => ({
  ...{ service: '', instance: '', kind: 'internal', spanId: '', parentSpanId: undefined, links: [] },
  ...{ traceId, name, error: undefined, attributes: key ? { 'messaging.kafka.message.key': key } : {} },
  start: BigInt(start) * 1_000_000n,
  end: BigInt(end * 1000) * 1000n,
});
const base = 1_800_000_000_000;
const at = (traceId: string, name: string, from: number, to: number, key?: string) =>
  span(traceId, name, base + from, base + to, key);

const spans = [
  at('ride', 'POST /rides', 2, 12, 'a customer of no message'),
  at('ride', 'send ride_details', 3, 10, 'anna'),
  at('other', 'send ride_details', 3, 11, 'bert'),
  at('batch', 'poll ride_details', 1, 9.5),
  at('batch', 'process ride_details', 11, 12, 'anna'),
  at('batch', 'send ride_confirmed', 14, 18),
  at('batch', 'commit ride_details', 18, 19),
  at('batch', 'commit transaction', 19, 21),
];
const anna = { customer: 'anna', begun: base + 0.6, marker: base + 20, seen: base + 25.9 };

test('each wait begins where the one before ends, also where the end came first', () => {
  const found = waitsIn(spans)(anna);
  expect(Object.fromEntries(waits.map((name, i) => [name, found[i]]))).toEqual({
    'the request reaches rides': 2,
    'rides checks it, until its writer has it': 1,
    'the writer of rides: flush and Produce, until Kafka acknowledges': 7,
    'fetch: from there until transaction has it': -0.5,
    'its turn in transaction': 1.5,
    'transaction decides, until its first request': 3,
    Produce: 4,
    TxnOffsetCommit: 1,
    EndTxn: 2,
    'the marker is written': -1,
    'last stable offset and fetch of the reader': 5,
  });
});

test('a span that has not arrived is named', () => {
  expect(() => waitsIn(spans)({ ...anna, customer: 'bert' })).toThrow(
    'the ride of bert has no process ride_details',
  );
});
