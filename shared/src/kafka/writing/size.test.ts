import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostileRecord } from '../../../../test/support/hostile-records.ts';
import { ByteWriter } from '../client/faster/byte-writer.ts';
import { writeRecordBatch } from '../client/faster/record-batch.ts';
import { fits, largestRecord, sizeOf } from './size.ts';

const place = { topic: 'ride_details', partition: 0 };
/** What Kafka gets, in bytes. */
function written(record: Parameters<typeof sizeOf>[0]): number {
  const to = new ByteWriter(4096);
  const options = { timestamp: 0, transactional: true, producerId: '1', producerEpoch: 0, firstSequence: 0 };
  writeRecordBatch(to, [record as never], options);
  return to.at;
}

test('no record takes more bytes than was measured', () => {
  fc.assert(
    fc.property(hostileRecord, (record) => {
      const measured = { ...place, ...record };
      expect(sizeOf(measured)).toBeGreaterThanOrEqual(written(measured));
      expect(fits(measured)).toBe(sizeOf(measured) <= largestRecord);
    }),
  );
});

test('a long text is measured exactly, in bytes and not in characters', () => {
  const value = '€'.repeat(300_000);
  const record = { ...place, key: null, value, headers: { note: '€'.repeat(1000) } };
  expect(sizeOf(record)).toBeGreaterThan(largestRecord);
  expect(sizeOf(record) - written(record)).toBeLessThan(100);
});
