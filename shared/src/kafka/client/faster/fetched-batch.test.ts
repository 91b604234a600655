import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { ByteWriter } from './byte-writer.ts';
import { type Decoder, decodeBatch, stockDecode } from './fetched-batch.ts';
import { writeRecordBatch } from './record-batch.ts';

const DecoderOfKafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/decoder') as new (
  buffer: Buffer,
) => Decoder;

/** As a broker has it: with its offset, and its attributes. */
function batchOf(
  messages: Message[],
  { firstOffset = 0n, attributes = 0, producerId = '-1', timestamp = 1_767_268_800_000 } = {},
): Buffer {
  const to = new ByteWriter(64);
  writeRecordBatch(to, messages, {
    timestamp,
    transactional: false,
    producerId,
    producerEpoch: 0,
    firstSequence: 7,
  });
  to.buffer.writeBigInt64BE(firstOffset, 0);
  to.buffer.writeInt16BE(attributes, 21);
  return to.written;
}

async function both(bytes: Buffer) {
  const [ours, theirs] = [new DecoderOfKafkajs(bytes), new DecoderOfKafkajs(bytes)];
  return {
    ours: await decodeBatch(ours),
    theirs: await stockDecode(theirs),
    ends: [ours.offset, theirs.offset],
  };
}

const text = fc.string({ unit: 'binary', maxLength: 100 });
// kafkajs takes what every object has, such as `toString`, for a header that came before.
const name = fc.oneof(
  fc.constantFrom('ce_id', 'ce_type', 'é'),
  text.filter((name) => !(name in {})),
);
const headers = fc.dictionary(name, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 5 });
const message = fc.record({ key: fc.option(text), value: fc.option(text), headers }) as fc.Arbitrary<Message>;
const context = fc.record({
  firstOffset: fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 2n ** 63n - 1000n)),
  attributes: fc.constantFrom(0, 8, 16, 32, 48),
  producerId: fc.bigInt(-1n, 2n ** 63n - 1n).map(String),
  timestamp: fc.oneof(fc.nat(), fc.maxSafeNat()),
});

test('any batch is decoded like in kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 6 }), context, async (messages, context) => {
      const { ours, theirs, ends } = await both(batchOf(messages, context));
      expect(ours).toEqual(theirs);
      expect(ends[0]).toBe(ends[1]);
    }),
  );
});

test('headers that equal or resemble those of the previous record are correct', async () => {
  const nearly = fc.constantFrom('1.0', '1.1', 'a', '', 'rideflow.ride.requested');
  const few = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(nearly, fc.array(nearly, { maxLength: 2 })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(few, { minLength: 2, maxLength: 6 }), async (list) => {
      const messages = list.map((headers) => ({ value: 'x', headers }));
      const { ours, theirs } = await both(batchOf(messages));
      expect(ours).toEqual(theirs);
    }),
  );
});

test('a header may have the name of an inherited property', async () => {
  const headers = Object.fromEntries([
    ['toString', ['a', 'b']],
    ['__proto__', 'c'],
  ]);
  const { records } = await decodeBatch(new DecoderOfKafkajs(batchOf([{ value: 'x', headers }])));
  const [record] = records as { headers: Record<string, Buffer | Buffer[]> }[];
  expect(Object.entries(record?.headers ?? {})).toEqual([
    ['toString', [Buffer.from('a'), Buffer.from('b')]],
    ['__proto__', Buffer.from('c')],
  ]);
});

test('timestamps after the first are correct', async () => {
  // Delta as a varint behind the length and the attributes of the record: 1 becomes 2 by zigzag.
  for (const [delta, bytes] of [
    [1, [2]],
    [-1, [1]],
    [5_000_000_000, [0x80, 0xc8, 0xaf, 0xa0, 0x25]],
  ] as const) {
    const batch = batchOf([{ value: 'a' }]);
    const record = Buffer.concat([Buffer.from([0]), Buffer.from(bytes), Buffer.from([0, 1, 2, 0x61, 0])]);
    const changed = Buffer.concat([batch.subarray(0, 61), Buffer.from([2 * record.length]), record]);
    changed.writeInt32BE(changed.length - 12, 8);
    const { ours, theirs } = await both(changed);
    expect(ours).toEqual(theirs);
    expect(ours.records).toMatchObject([{ timestamp: String(1_767_268_800_000 + delta) }]);
  }
});

test('a batch that is cut off is left to kafkajs, which reports it', async () => {
  const batch = batchOf([{ value: 'x' }]);
  await expect(decodeBatch(new DecoderOfKafkajs(batch.subarray(0, -1)))).rejects.toMatchObject({
    name: 'KafkaJSPartialMessageError',
  });
});

test('a record with a length beyond its batch is an error', async () => {
  const batch = batchOf([{ value: 'x'.repeat(40) }]);
  batch[61 + 5] = 126; // the length of the value
  await expect(decodeBatch(new DecoderOfKafkajs(batch))).rejects.toThrow('longer than its batch');
});

test('headers of a compressed batch may have the names of inherited properties', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'length'];
  const headers = Object.fromEntries(names.map((name) => [name, Buffer.from(`the ${name}`)]));
  const plain = batchOf([{ key: 'k', value: 'v', headers }]);
  const bytes = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE(1, 21);
  const { records } = await decodeBatch(new DecoderOfKafkajs(bytes));
  const [record] = records as { headers: object; value: Buffer }[];
  expect(record?.value.toString()).toBe('v');
  expect(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual(
    names.map((name) => [name, `the ${name}`]),
  );
});
