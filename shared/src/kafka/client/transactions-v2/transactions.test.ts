import { createRequire } from 'node:module';
import { afterEach, expect, jest, test } from '@jest/globals';
import { versionOf } from '../../../../../infra/broker/version.ts';
import { useBroker } from '../../../../../test/support/broker.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { aRide, toPartition } from '../../../../../test/support/rides.ts';
import { testService } from '../../../../../test/support/service.ts';
import { consume } from '../../consume.ts';
import { type ReadStretch, readingBack } from '../../observing/read-back.ts';
import { connect } from '../connect.ts';
import type { Producer } from '../kafkajs.ts';
import { type Cluster, clusterOf, type FetchedRecord } from '../kafkajs-internals.ts';
import { asMember } from './membership.ts';
import { type Abilities, type Exchange, endTxn, produce, txnOffsetCommit } from './requests.ts';

interface Pool {
  clientId: string;
  send(exchange: Exchange<unknown>): Promise<unknown>;
}
const require = createRequire(import.meta.url);
const { prototype: pool } = require('kafkajs/src/network/connectionPool') as { prototype: Pool };

const { prototype: broker } = require('kafkajs/src/broker') as {
  prototype: { apiVersions(): Promise<Record<number, object>> };
};
const { apiVersions } = broker;

const it = useBroker();
const topic = 'ride_confirmed';
const group = 'transaction';
/** Kafka has transaction version 2 since 4.0. */
const newer = Number.parseInt(versionOf(process.env), 10) >= 4;
const testIfNewer = newer ? test : test.skip;

const leaving: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(leaving.splice(0).map((leave) => leave()));
});

const clientId = 'rideflow-transaction-of-this-test';
function kafka(version = 'newest') {
  const { name, config, log } = testService('transaction', it.brokers, {
    KAFKA_TRANSACTION_VERSION: version,
  });
  return connect({ name, config, log, process: clientId }, 'transact');
}

/** The newest producer of this transactional id. */
async function open(transactionalId: string, version?: string): Promise<Producer> {
  const producer = kafka(version).producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  leaving.push(() => producer.disconnect());
  await producer.connect();
  await (await producer.transaction()).abort();
  return producer;
}

/** Records what is sent to Kafka from now on. Repetitions of a request count once, because Kafka may ask for patience. */
function requests(): string[] {
  const found: string[] = [];
  const { send } = pool;
  jest.spyOn(pool, 'send').mockImplementation(function (this: Pool, exchange) {
    const { apiName, apiVersion } = exchange.request;
    const said = `${apiName} ${apiVersion}`;
    if (this.clientId !== clientId) return send.call(this, exchange);
    if (found.at(-1) !== said && !/^(Metadata|ApiVersions [0-2]|GroupCoordinator)/.test(said))
      found.push(said);
    return send.call(this, exchange);
  });
  return found;
}

const offsets = (offset: number) => ({
  consumerGroupId: group,
  topics: [{ topic: 'ride_details', partitions: [{ partition: 0, offset: String(offset) }] }],
});
const messages = (...values: string[]) => ({
  topic,
  messages: values.map((value) => ({ partition: 0, value })),
});

async function commit(producer: Producer, offset: number, ...values: string[]) {
  const transaction = await producer.transaction();
  if (values.length > 0) await transaction.send(messages(...values));
  await transaction.sendOffsets(offsets(offset));
  await transaction.commit();
}

async function committed(): Promise<number> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    const [answer] = await admin.fetchOffsets({ groupId: group, topics: ['ride_details'] });
    return Number(answer?.partitions.find(({ partition }) => partition === 0)?.offset);
  } finally {
    await admin.disconnect();
  }
}

/** Kafka commits the offsets of a transaction a moment after it has answered its end. */
const expectCommitted = (offset: number) => eventually(async () => expect(await committed()).toBe(offset));

/** Everything on the partition whose value begins so, and the markers of its producers. */
async function onTheLog(begins: string): Promise<(FetchedRecord & { firstSequence?: number })[]> {
  const read: ReadStretch = readingBack(kafka(), 'uncommitted');
  const all: FetchedRecord[] = [];
  await read({ topic, partition: 0, from: 0n, to: Number.POSITIVE_INFINITY }, (record) => {
    all.push({ ...record, batchContext: { ...record.batchContext } } as never);
  });
  const ours = new Set(
    all.flatMap(({ value, batchContext }) =>
      value?.toString().startsWith(begins) ? batchContext.producerId : [],
    ),
  );
  return all.filter(({ batchContext }) => ours.has(batchContext.producerId));
}
const visible = (begins: string) =>
  it.log.on(topic).flatMap(({ text }) => (text?.startsWith(begins) ? text : []));

/** A broker of its own connection, for requests that no producer would send. */
async function ask<T>(exchange: Exchange<T>): Promise<unknown> {
  const cluster: Cluster = clusterOf(kafka(), 'committed');
  await cluster.connect();
  leaving.push(() => cluster.disconnect());
  await cluster.addMultipleTargetTopics([topic]);
  const broker = (await cluster.findBroker({ nodeId: 1 })) as unknown as { connectionPool: Pool };
  return broker.connectionPool.send(exchange as Exchange<unknown>);
}
const fenced = { type: expect.stringMatching(/^(INVALID_PRODUCER_EPOCH|PRODUCER_FENCED)$/) };

testIfNewer('a transaction is three requests in series, and an empty one is none', async () => {
  const sent = requests();
  const producer = await open('counted');
  expect(sent).toEqual(['InitProducerId 1', 'ApiVersions 3']); // the id of the idempotent producer is a repetition
  await commit(producer, 1, 'counted 1');
  sent.length = 0;
  await commit(producer, 2, 'counted 2');
  expect(sent).toEqual(['Produce 12', 'TxnOffsetCommit 5', 'EndTxn 5']);
  sent.length = 0;
  await commit(producer, 3);
  expect(sent).toEqual(['TxnOffsetCommit 5', 'EndTxn 5']);
  sent.length = 0;
  await (await producer.transaction()).abort();
  await (await producer.transaction()).commit();
  expect(sent).toEqual([]);
  await eventually(() => expect(visible('counted')).toEqual(['counted 1', 'counted 2']));
  await expectCommitted(3);
});

/** On an older cluster, version 1 is the newest. */
const meaningVersion1 = newer ? ['1'] : ['1', 'newest'];
test.each(meaningVersion1)(
  'version %s is as before: five requests in series, as in kafkajs',
  async (version) => {
    const producer = await open('older', version);
    const id = `older ${version}`;
    await commit(producer, 4, `${id} a`);
    const sent = requests();
    await commit(producer, 5, `${id} b`);
    expect(sent).toEqual([
      'AddPartitionsToTxn 1',
      expect.stringMatching(/^Produce [78]$/),
      'AddOffsetsToTxn 1',
      'TxnOffsetCommit 1',
      'EndTxn 1',
    ]);
    await eventually(() => expect(visible(id)).toEqual([`${id} a`, `${id} b`]));
  },
);

testIfNewer('each transaction has the next epoch, and its sequences begin anew', async () => {
  const producer = await open('epochs');
  for (const [n, commits] of [true, false, true].entries()) {
    const transaction = await producer.transaction();
    await transaction.send(messages(`epochs ${n}a`));
    await transaction.send(messages(`epochs ${n}b`, `epochs ${n}c`));
    await transaction.sendOffsets(offsets(10 + n));
    await (commits ? transaction.commit() : transaction.abort());
  }
  const of = (n: number) => ['a', 'b', 'c'].map((letter) => `epochs ${n}${letter}`);
  await eventually(() => expect(visible('epochs')).toEqual([...of(0), ...of(2)]));
  await expectCommitted(12);
  const all = await onTheLog('epochs');
  const first = all[0]?.batchContext.producerEpoch ?? 0;
  const batches = all.map(({ isControlRecord, batchContext }) => {
    const { producerEpoch, firstSequence } = batchContext as unknown as {
      producerEpoch: number;
      firstSequence: number;
    };
    return isControlRecord ? `marker ${producerEpoch - first}` : `${producerEpoch - first}/${firstSequence}`;
  });
  expect(batches).toEqual(
    [0, 1, 2].flatMap((n) => [`${n}/0`, `${n}/1`, `${n}/1`, `marker ${n + 1}`]), // a marker has the next epoch
  );
});

testIfNewer('what an earlier transaction sends late is refused', async () => {
  const producer = await open('late');
  await commit(producer, 20, 'late 1');
  await eventually(() => expect(visible('late')).toEqual(['late 1']));
  const [{ batchContext } = { batchContext: { producerId: '', producerEpoch: 0 } }] = await onTheLog('late');
  const { producerId, producerEpoch } = batchContext;
  const earlier = { transactionalId: 'late', producerId, producerEpoch };
  const topicData = [
    { topic, partitions: [{ partition: 0, firstSequence: 1, messages: [{ value: 'late 2' }] }] },
  ];
  await expect(
    ask(produce({ ...earlier, acks: -1, timeout: 1000, topicData: topicData as never })),
  ).rejects.toMatchObject(fenced);
  const { topics } = offsets(21);
  await expect(ask(txnOffsetCommit(earlier, { groupId: group, topics }))).rejects.toMatchObject(fenced);
  const open2 = await producer.transaction();
  await open2.send(messages('late 3'));
  await expect(ask(endTxn(earlier, false))).rejects.toMatchObject(fenced); // does not end the next transaction
  await open2.commit();
  await eventually(() => expect(visible('late')).toEqual(['late 1', 'late 3']));
  await expectCommitted(20);
});

testIfNewer.each(['newest', '1'])(
  'a producer is fenced by the next one of its id, which speaks version %s',
  async (version) => {
    const id = `fenced by ${version}`;
    const old = await open(id);
    const transaction = await old.transaction();
    await transaction.send(messages(`${id}: old`));
    const next = await open(id, version);
    await expect(transaction.send(messages(`${id}: late`))).rejects.toMatchObject(fenced);
    await expect(transaction.sendOffsets(offsets(1000))).rejects.toMatchObject(fenced);
    await expect(transaction.commit()).rejects.toMatchObject(fenced);
    await commit(next, 30, `${id}: next`);
    const again = await open(id);
    await commit(again, 31, `${id}: again`);
    await eventually(() => expect(visible(id)).toEqual([`${id}: next`, `${id}: again`]));
    await expectCommitted(31);
  },
);

testIfNewer('who is not in the group, or in an earlier generation of it, commits nothing', async () => {
  const producer = await open('thrown out');
  await commit(producer, 40);
  const transaction = await producer.transaction();
  await transaction.send(messages('thrown out'));
  await expect(
    transaction.sendOffsets(asMember(offsets(41), { memberId: 'rideflow-gone', generationId: 3 })),
  ).rejects.toMatchObject({ type: expect.stringMatching(/^(UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION)$/) });
  await open('thrown out'); // as after any error
  await expectCommitted(40);
  expect(visible('thrown out')).toEqual([]);
});

testIfNewer('a service commits as the member that it is', async () => {
  const service = testService('transaction', it.brokers);
  const commits: Promise<Buffer>[] = [];
  const { send } = pool;
  jest.spyOn(pool, 'send').mockImplementation(function (this: Pool, exchange) {
    const { apiName, encode } = exchange.request;
    if (apiName === 'TxnOffsetCommit') commits.push(encode().then(({ buffer }) => buffer));
    return send.call(this, exchange);
  });
  await consume(service, { handle: () => [] });
  await it.log.write('ride_details', toPartition(1, aRide()));
  await eventually(() => expect(commits).not.toEqual([]));
  await service.stop();
  for (const bytes of await Promise.all(commits)) expect(bytes.includes(`${service.process}-`)).toBe(true);
});

testIfNewer('the version is that of the cluster when a producer begins', async () => {
  const before = await open('before the downgrade');
  const { send } = pool;
  jest.spyOn(pool, 'send').mockImplementation(async function (this: Pool, exchange) {
    const answer = await send.call(this, exchange);
    if (exchange.request.apiName === 'ApiVersions' && exchange.request.apiVersion === 3)
      (answer as Abilities).features.set('transaction.version', 1);
    return answer;
  });
  const after = await open('after the downgrade');
  jest.restoreAllMocks();
  const sent = requests();
  await commit(before, 50, 'downgrade 1');
  await commit(after, 51, 'downgrade 2');
  expect(sent).toEqual([
    ...['Produce 12', 'TxnOffsetCommit 5', 'EndTxn 5'],
    'AddPartitionsToTxn 1',
    expect.stringMatching(/^Produce [78]$/),
    ...['AddOffsetsToTxn 1', 'TxnOffsetCommit 1', 'EndTxn 1'],
  ]);
});

testIfNewer('a broker that is too old for a request is not sent it', async () => {
  const versions = jest.spyOn(broker, 'apiVersions').mockImplementation(async function (this: typeof broker) {
    const found = await apiVersions.call(this);
    return { ...found, 28: { minVersion: 0, maxVersion: 4 } };
  });
  const producer = await open('too old');
  versions.mockRestore();
  const transaction = await producer.transaction();
  await transaction.send(messages('too old'));
  await expect(transaction.sendOffsets(offsets(60))).rejects.toMatchObject({ type: 'UNSUPPORTED_VERSION' });
  await commit(await open('too old'), 61, 'new enough');
  await eventually(() => expect(visible('new enough')).toEqual(['new enough']));
  expect(visible('too old')).toEqual([]);
});
