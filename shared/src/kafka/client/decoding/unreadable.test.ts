import { createRequire } from 'node:module';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import kafkajs, { type CompressionTypes as Types } from 'kafkajs';
import { useBroker } from '../../../../../test/support/broker.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { aRide, confirm, toPartition } from '../../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../../test/support/service.ts';
import { consume } from '../../consume.ts';
import { largestBatch } from './codecs.ts';
import { whyUnreadable } from './unreadable.ts';

const require = createRequire(import.meta.url);
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
/** As a foreign client: ours read zstd, but do not write it. */
const reading = CompressionCodecs[CompressionTypes.ZSTD]();
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  ...reading,
  compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
});

const it = useBroker();
const running: TestService<'email'>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

async function write(values: (Buffer | string)[], compression: Types) {
  const producer = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const messages = values.map((value) => ({ partition: 0, value }));
  const [answer] = await producer.send({ topic: 'ride_confirmed', messages, compression });
  await producer.disconnect();
  return Number(answer?.baseOffset);
}

test('a batch that decompresses to too much is one dead letter, and later messages are handled', async () => {
  const service = testService('email', it.brokers);
  running.push(service);
  const handled: string[] = [];
  await consume(service, { handle: ({ value }) => void handled.push(value.id) });
  const [before, after] = [confirm(aRide()), confirm(aRide())];
  await write([JSON.stringify(before)], CompressionTypes.ZSTD);
  const first = await write([Buffer.alloc(largestBatch), 'too'], CompressionTypes.ZSTD);
  await it.log.write('ride_confirmed', toPartition(0, after));
  await eventually(() => expect(handled).toEqual([before.id, after.id]));
  await eventually(() => {
    const parked = it.log.on('ride_confirmed.email.dlq');
    expect(parked).toMatchObject([
      {
        headers: {
          dead_letter_from: `ride_confirmed/0/${first + 1}`,
          dead_letter_reason: expect.stringMatching(
            `the zstd-compressed batch of 2 messages at offsets ${first} to ${first + 1} cannot be read: .*larger than \\d+ bytes`,
          ),
        },
      },
    ]);
  });
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  expect(service.failures).toEqual([]);
});

const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0');
const Decoder = require('kafkajs/src/protocol/decoder');
const Encoder = require('kafkajs/src/protocol/encoder');
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');

/** A batch as it is in a log. */
async function aBatch(
  firstOffset: number,
  values: (Buffer | string)[],
  compression: Types,
  headers = {},
): Promise<Buffer> {
  const records = values.map((value, offsetDelta) =>
    encodeRecord({ offsetDelta, timestampDelta: 0, key: null, value: Buffer.from(value), headers }),
  );
  const batch = await encodeBatch({
    compression,
    firstOffset,
    firstTimestamp: 0,
    maxTimestamp: 0,
    partitionLeaderEpoch: 0,
    lastOffsetDelta: values.length - 1,
    producerId: 1,
    producerEpoch: 0,
    firstSequence: 0,
    records,
  });
  return batch.buffer;
}
async function decoded(...batches: Buffer[]) {
  const messages: { offset: string; value: Buffer }[] = await decodeMessages(
    new Decoder(new Encoder().writeBytes(Buffer.concat(batches)).buffer),
  );
  return messages;
}

test.each([
  ['zstd-compressed', CompressionTypes.ZSTD],
  ['gzip-compressed', CompressionTypes.GZIP],
  ['', CompressionTypes.None],
])(
  'a damaged %s batch is one message with its bytes, and the batches around it are read',
  async (_, codec) => {
    const damaged = await aBatch(3, ['b', 'c'], codec);
    damaged.fill(0xff, 61);
    const messages = await decoded(
      await aBatch(0, ['a'], CompressionTypes.None),
      damaged,
      await aBatch(5, ['d'], codec),
    );
    expect(messages.map(({ offset }) => offset)).toEqual(['0', '4', '5']);
    expect(messages.map(whyUnreadable)).toEqual([
      undefined,
      expect.stringContaining('batch of 2 messages at offsets 3 to 4 cannot be read: '),
      undefined,
    ]);
    expect(messages[1]?.value.equals(damaged)).toBe(true);
  },
);

test('a batch that is cut off is left for the next answer', async () => {
  const second = await aBatch(1, ['b'], CompressionTypes.ZSTD);
  const messages = await decoded(await aBatch(0, ['a'], CompressionTypes.ZSTD), second.subarray(0, -3));
  expect(messages.map(({ offset }) => offset)).toEqual(['0']);
});

test('compressed batches that are large together are read in parts', async () => {
  const large = await aBatch(0, [Buffer.alloc(largestBatch * 0.9)], CompressionTypes.ZSTD);
  expect(await decoded(large, large, large)).toHaveLength(2);
  const headers = { note: Buffer.alloc(largestBatch * 0.9) };
  const largeByHeaders = await aBatch(0, ['a'], CompressionTypes.ZSTD, headers);
  expect(await decoded(largeByHeaders, largeByHeaders, largeByHeaders)).toHaveLength(2);
});
