import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { type ProduceOptions, produce, stockProduce } from './produce.ts';

const require = createRequire(import.meta.url);

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(1_767_268_800_000));
afterEach(() => void jest.restoreAllMocks());

const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 90 }));
const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
const value = fc.oneof(text, bytes);
const headers = fc.dictionary(text, fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxKeys: 4 });
const message: fc.Arbitrary<Message> = fc.record(
  { key: fc.option(value), value: fc.option(value), headers },
  { requiredKeys: ['key', 'value'] },
) as fc.Arbitrary<Message>;
const options: fc.Arbitrary<ProduceOptions> = fc.record({
  transactionalId: fc.option(text),
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  producerId: fc.bigInt(-1n, 2n ** 63n - 1n).map(String),
  producerEpoch: fc.nat(0x7fff),
  topicData: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(
        fc.record({
          partition: fc.nat(),
          firstSequence: fc.nat(),
          messages: fc.array(message, { maxLength: 5 }),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

const encoded = async (request: { encode(): Promise<object> }) =>
  (await request.encode()) as { buffer: Buffer };

test('any request has the same bytes as in kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(options, async (options) => {
      const [ours, theirs] = [await encoded(produce(options)), await encoded(stockProduce(options))];
      expect(ours.buffer.equals(theirs.buffer)).toBe(true);
    }),
  );
});

test.each([0, 10, 63, 64, 8191, 8192, 1_048_575, 1_100_000])(
  'a record of about %i bytes is the same bytes that kafkajs makes of it',
  async (size) => {
    for (const length of [size - 20, size - 10, size - 8, size - 7, size - 6, size].filter((n) => n >= 0)) {
      const messages = [{ value: 'é'.repeat(length / 2) }, { value: Buffer.alloc(length, 'x') }];
      const options = {
        acks: -1,
        timeout: 1,
        topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
      };
      const [ours, theirs] = [await encoded(produce(options)), await encoded(stockProduce(options))];
      expect(ours.buffer.equals(theirs.buffer)).toBe(true);
    }
  },
);

test('a record with its own timestamp keeps it', async () => {
  const messages = [{ value: 'a', timestamp: '1700000000000' }];
  const options = {
    acks: -1,
    timeout: 1,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
  };
  expect(await encoded(produce(options))).toEqual(await encoded(stockProduce(options)));
});

test('kafkajs uses it when it sends', () => {
  expect(require('kafkajs/src/protocol/requests/produce/v3/request')).toBe(produce);
});
