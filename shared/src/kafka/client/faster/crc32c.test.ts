import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from './crc32c.ts';

const stock = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C') as (
  bytes: Buffer,
) => number;

test('the checksum equals that of the standard', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283); // the check value that catalogues of check sums give
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa); // RFC 3720, B.4
});

test('any bytes have the same checksum as in kafkajs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(crc32c(bytes)).toBe(stock(Buffer.from(bytes)));
    }),
  );
});

test('a part of a buffer has the checksum of its own bytes', () => {
  const part = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.nat());
  fc.assert(
    fc.property(part, ([bytes, from, to]) => {
      const start = from % bytes.length;
      const end = start + (to % (bytes.length - start + 1));
      expect(crc32c(bytes, start, end)).toBe(stock(Buffer.from(bytes.subarray(start, end))));
    }),
  );
});
