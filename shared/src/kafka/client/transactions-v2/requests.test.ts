import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Request } from '../faster/produce.ts';
import { askAbilities, type Exchange, endTxn, produce, txnOffsetCommit } from './requests.ts';

/**
 * The bytes of whole requests and answers, without their size, as hexadecimal text. Kafka's own Java classes wrote them
 * (org.apache.kafka.common.message and MemoryRecords of kafka-clients 4.4.0; those of 4.2.2 write the same): client id
 * `rideflow-transaction`, correlation id 7, and the values that the tests below expect.
 */
const java = JSON.parse(
  readFileSync(new URL('./java-client.fixture.json', import.meta.url), 'utf8'),
) as Record<string, string>;

const require = createRequire(import.meta.url);
const createRequest = require('kafkajs/src/protocol/request') as (of: object) => Promise<{ buffer: Buffer }>;

async function written(request: Request): Promise<Buffer> {
  const { buffer } = await createRequest({ correlationId: 7, clientId: 'rideflow-transaction', request });
  return buffer.subarray(4);
}
const hex = async (request: Request) => (await written(request)).toString('hex');
/** What kafkajs makes of an answer: it reads the correlation id itself. */
const read = <T>({ response }: Exchange<T>, name: string) =>
  response.decode(Buffer.from(java[name] ?? '', 'hex').subarray(4));

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(1_767_268_800_000));
afterEach(() => void jest.restoreAllMocks());

const producer = {
  transactionalId: 'transaction/ride_details/2',
  producerId: '4000000000',
  producerEpoch: 300,
};
const member = {
  memberId: 'rideflow-transaction-abc123-0b0e0c0d-1111-4222-8333-444455556666',
  generationId: 17,
};
const commit = txnOffsetCommit(
  producer,
  {
    groupId: 'transaction',
    topics: [{ topic: 'ride_details', partitions: [{ partition: 2, offset: '5000000000' }] }],
  },
  member,
);
const produceOf = (size: number) => {
  const value = 'v'.repeat(size);
  const messages = [{ key: 'customer', value, headers: { ce_id: 'é1' } }, { value }];
  return produce({
    ...producer,
    acks: -1,
    timeout: 30_000,
    topicData: ['ride_confirmed', 'ride_details.transaction.dlq'].map((topic) => ({
      topic,
      partitions: [{ partition: 2, firstSequence: 41, messages: messages as never }],
    })),
  });
};

test('requests have the bytes of the Java client', async () => {
  expect(await hex(askAbilities().request)).toBe(java['apiVersions.request']);
  expect(await hex(produceOf(5).request)).toBe(java['produce.request.5']);
  expect(await hex(produceOf(40).request)).toBe(java['produce.request.40']); // its length takes two bytes
  const large = await written(produceOf(20_000).request); // its length takes three bytes
  expect(`sha256:${hash('sha256', large)}`).toBe(java['produce.request.20000']);
  expect(await hex(commit.request)).toBe(java['txnOffsetCommit.request']);
  expect(await hex(endTxn(producer, true).request)).toBe(java['endTxn.request.true']);
  expect(await hex(endTxn(producer, false).request)).toBe(java['endTxn.request.false']);
});

test('the newest versions and the finalized features of a cluster are read', async () => {
  const versions = new Map([
    [0, 13],
    [26, 5],
  ]);
  expect(await read(askAbilities(), 'apiVersions.response')).toEqual({
    versions,
    features: new Map([
      ['group.version', 1],
      ['transaction.version', 2],
    ]),
  });
  expect(await read(askAbilities(), 'apiVersions.without')).toEqual({ versions, features: new Map() });
});

test('a broker that does not know the question has no features', async () => {
  expect(await read(askAbilities(), 'apiVersions.refused')).toEqual({
    versions: new Map(),
    features: new Map(),
  });
});

test('the answers to Produce, TxnOffsetCommit and EndTxn are read', async () => {
  const produced = await read(produceOf(5), 'produce.response');
  expect(produced).toMatchObject({
    clientSideThrottleTime: 9,
    topics: [
      {
        topicName: 'ride_confirmed',
        partitions: [{ partition: 2, errorCode: 0, baseOffset: '4000000000', logStartOffset: '12' }],
      },
    ],
  });
  expect(await produceOf(5).response.parse(produced)).toBe(produced);
  const committed = await read(commit, 'txnOffsetCommit.response.0');
  expect(committed.topics).toEqual([{ topic: 'ride_details', partitions: [{ partition: 2, errorCode: 0 }] }]);
  expect(await commit.response.parse(committed)).toBe(committed);
  expect(await read(endTxn(producer, true), 'endTxn.response')).toMatchObject({
    producerId: '4000000001',
    producerEpoch: 0,
  });
});

test('refusals are the errors of kafkajs, also those that are younger than it', async () => {
  const refused = async <T>(exchange: Exchange<T>, name: string) =>
    exchange.response.parse(await read(exchange, name)).then(
      () => null,
      ({ type, message }) => ({ type, message }),
    );
  expect(await refused(produceOf(5), 'produce.refused')).toEqual({
    type: 'INVALID_TIMESTAMP',
    message: expect.stringContaining('the clock of Kafka shows 2026-01-01T11:43:20.000Z'),
  });
  expect(await refused(commit, 'txnOffsetCommit.response.22')).toMatchObject({ type: 'ILLEGAL_GENERATION' });
  expect(await refused(endTxn(producer, true), 'endTxn.refused')).toMatchObject({ type: 'PRODUCER_FENCED' });
});

test('an answer that ends too early is an error', async () => {
  const whole = Buffer.from(java['produce.response'] ?? '', 'hex').subarray(4);
  for (let length = 0; length < whole.length - 1; length++)
    await expect(produceOf(5).response.decode(whole.subarray(0, length))).rejects.toMatchObject({
      name: 'RangeError',
    });
});
