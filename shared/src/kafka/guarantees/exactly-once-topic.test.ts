import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CompressionTypes, type Consumer, Kafka, logLevel } from 'kafkajs';
import { versionOf } from '../../../../infra/broker/version.ts';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Api, type Faults, injectFaults } from '../../../../test/support/faults.ts';
import { Log } from '../../../../test/support/log.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import { Unprocessable } from '../../errors.ts';
import type { RideDetails } from '../../messages.ts';
import { nobody } from '../client/transactions-v2/membership.ts';
import { type ConsumeOptions, consume } from '../consume.ts';
import { ExactlyOnceTopic } from './exactly-once-topic.ts';

const ConsumerGroup = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup');

const it = useBroker();
/** Kafka has transaction version 2 since 4.0. */
const testIfNewer = Number.parseInt(versionOf(process.env), 10) >= 4 ? test : test.skip;
let faults: Faults;
let kafka: Kafka;
beforeAll(() => {
  faults = injectFaults();
  kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
});
afterAll(() => faults.remove());
const running: TestService<'transaction'>[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  faults.heal();
  for (const service of running.splice(0)) await service.stop();
});

type Handle = ConsumeOptions<'transaction'>['handle'];
const confirmIt: Handle = ({ value }) => [confirm(value)];

async function start(handle = confirmIt, env: NodeJS.ProcessEnv = {}) {
  const service = testService('transaction', it.brokers, env);
  running.push(service);
  await consume(service, { handle });
  return service;
}

const partitions = [0, 1, 2];
/** So many new rides for each partition. */
const rides = (each: number) => partitions.map(() => Array.from({ length: each }, () => aRide()));
const write = (partition: number, ...values: (object | string | null)[]) =>
  it.log.write('ride_details', ...values.map((value) => toPartition(partition, value)));
const writeAll = (perPartition: object[][]) =>
  Promise.all(perPartition.map((list, partition) => write(partition, ...list)));

const outcomes = (ids: Set<unknown>, log = it.log) =>
  log.on('ride_confirmed').filter(({ value }) => ids.has(value?.id));
/** Ends when everything that was written before is done: the ids of the outcomes per partition, in the order of the log. */
async function decided(perPartition: RideDetails[][]): Promise<unknown[][]> {
  const last = rides(1);
  await writeAll(last);
  const ends = new Set(last.flat().map(({ id }) => id));
  await eventually(() => expect(outcomes(ends)).toHaveLength(3));
  const found = outcomes(new Set(perPartition.flat().map(({ id }) => id)));
  return partitions.map((p) =>
    found.filter(({ partition }) => partition === p).map(({ value }) => value?.id),
  );
}
const ids = (perPartition: RideDetails[][]) => perPartition.map((list) => list.map(({ id }) => id));
/** Dead letters with this text. */
const parked = (text: string, log = it.log) =>
  log.on('ride_details.transaction.dlq').filter((entry) => entry.text === text);

test('each message is decided once, in order, on the partition of its request', async () => {
  const all = rides(400);
  await writeAll(all);
  const service = await start();
  expect(await decided(all)).toEqual(ids(all));

  const first = all[1]?.[0];
  const [entry] = outcomes(new Set([first?.id]));
  expect(entry).toMatchObject({
    key: first?.customer_id,
    headers: {
      ce_cause: expect.stringMatching(/^ride_details\/1\/\d+$/),
      ce_source: '/rideflow/transaction',
    },
  });
  // A foreign message has no ce_id: its coordinates and its time are its identity, and the outcome's too.
  expect(entry?.headers.ce_causeid).toMatch(new RegExp(`^${entry?.headers.ce_cause}@\\d{13}$`));
  expect(entry?.headers.ce_id).toBe(entry?.headers.ce_causeid);
  await eventually(async () => expect(await service.metric('rideflow_messages_processed_total')).toBe(1203));
});

test('the idle lag is 0, the transaction markers included', async () => {
  const service = await start();
  await decided(rides(1));
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  // Nor does whoever reads what transactions wrote lag behind a marker.
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets('ride_details');
  const [committed] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
  await admin.disconnect();
  for (const { partition, high } of ends)
    expect(committed?.partitions).toContainEqual(expect.objectContaining({ partition, offset: high }));
});

test('a transient error holds up its partition alone, and no later message overtakes', async () => {
  const all = rides(20);
  const slow = all[0]?.[5]?.id;
  const others = new Set([...(all[1] ?? []), ...(all[2] ?? [])].map(({ id }) => id as unknown));
  const attempts: number[] = [];
  const service = await start(({ value }, attempt) => {
    if (value.id === slow) {
      attempts.push(attempt);
      if (outcomes(others).length < 40 || attempt < 3) throw new TypeError('the bank does not answer');
    }
    return [confirm(value)];
  });
  await writeAll(all);
  expect(await decided(all)).toEqual(ids(all));
  expect(attempts).toEqual(attempts.map((_, n) => n + 1));
  expect(await service.metric('rideflow_retries_total')).toBe(attempts.length - 1);
  expect(await service.metric('rideflow_messages_failed_total')).toBe(attempts.length - 1);
  expect(service.failures).toEqual([]);
});

test('an unprocessable message is parked with the reason, and its partition continues', async () => {
  const all = rides(3);
  const [before, refused, after] = all[2] as [RideDetails, RideDetails, RideDetails];
  const service = await start(({ value }) => {
    if (value.id === refused.id) throw new Unprocessable('nobody drives there');
    return [confirm(value)];
  });
  await write(2, before, 'unreadable', refused, after);
  expect(await decided([[], [], [before, refused, after]])).toEqual([[], [], [before.id, after.id]]);
  await eventually(() => {
    expect(parked('unreadable')).toMatchObject([
      {
        partition: 2,
        headers: { dead_letter_by: 'transaction', dead_letter_reason: expect.stringMatching(/not JSON/) },
      },
    ]);
    expect(parked(JSON.stringify(refused))).toMatchObject([
      {
        headers: {
          dead_letter_reason: 'nobody drives there',
          dead_letter_from: expect.stringMatching(/^ride_details\/2\//),
        },
      },
    ]);
  });
  await eventually(async () => expect(await service.metric('rideflow_messages_dead_lettered_total')).toBe(2));
});

test('no message blocks its partition: no value, a key of zeros, one that unfolds to more than a topic takes', async () => {
  await start();
  const producer = kafka.producer();
  await producer.connect();
  const value = 'x'.repeat(5_000_000);
  await producer.send({
    topic: 'ride_details',
    compression: CompressionTypes.GZIP,
    messages: [
      { partition: 0, value: null },
      { partition: 0, key: Buffer.alloc(4), value: 'zeros' },
      { partition: 0, key: 'k', value },
    ],
  });
  await producer.disconnect();
  const all = rides(1);
  await writeAll(all);
  expect(await decided(all)).toEqual(ids(all));
  await eventually(() => {
    expect(parked('')).toMatchObject([
      { headers: { dead_letter_reason: expect.stringMatching(/no value/) } },
    ]);
    expect(parked('zeros')).toMatchObject([{ key: null }]);
    expect(parked(value.slice(0, 1_000_000))).toMatchObject([
      { headers: { dead_letter_truncated: expect.stringMatching(/^the message has about 5000\d+ bytes/) } },
    ]);
  });
});

describe('a connection that breaks in a transaction loses nothing and repeats nothing', () => {
  const apis: Record<string, Api[]> = {
    newest: ['InitProducerId', 'Produce', 'TxnOffsetCommit', 'EndTxn'],
    1: ['AddPartitionsToTxn', 'AddOffsetsToTxn', 'EndTxn'],
  };
  const all = Object.entries(apis).flatMap(([version, list]) =>
    list.flatMap((api) => (['request', 'answer'] as const).map((lose) => [lose, api, version] as const)),
  );
  test.each(all)('when the %s of %s is lost, with the transaction version %s', async (lose, api, version) => {
    const poison = `not readable, ${api} ${lose} ${version}`;
    const all = rides(10);
    const lost = faults.loseOne(lose, api, 'transaction');
    const service = await start(confirmIt, { KAFKA_TRANSACTION_VERSION: version });
    await write(1, poison);
    await writeAll(all);
    await lost;
    expect(await decided(all)).toEqual(ids(all));
    await eventually(() => expect(parked(poison)).toHaveLength(1));
    expect(service.failures).toEqual([]);
    await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  });
});

test('outcomes and dead letters of a batch become visible together or not at all', async () => {
  const everything = new Log(it.brokers, true);
  await everything.start();
  try {
    const ride = aRide();
    const id = new Set<unknown>([ride.id]);
    const poison = 'not readable, both or neither';
    // One batch, and its first transaction never ends.
    await write(0, ride, poison);
    const lost = faults.loseOne('request', 'EndTxn', 'transaction');
    const gate = Promise.withResolvers<void>();
    await start(async ({ value }, attempt) => {
      if (attempt > 1) await gate.promise;
      return [confirm(value)];
    });
    await lost;
    await eventually(() => {
      expect(outcomes(id, everything)).toHaveLength(1);
      expect(parked(poison, everything)).toHaveLength(1);
    });
    expect(outcomes(id)).toHaveLength(0);
    expect(parked(poison)).toHaveLength(0);

    gate.resolve();
    await decided([]);
    expect(outcomes(id)).toHaveLength(1);
    await eventually(() => {
      expect(parked(poison)).toHaveLength(1);
      expect(outcomes(id, everything)).toHaveLength(2);
      expect(parked(poison, everything)).toHaveLength(2);
    });
  } finally {
    await everything.stop();
  }
});

test('records that Kafka took twice within a transaction, since a leader changed in the middle, are not committed', async () => {
  const create = Kafka.prototype.producer;
  let doubled = 0;
  jest.spyOn(Kafka.prototype, 'producer').mockImplementation(function (this: Kafka, config) {
    const producer = create.call(this, config);
    const begin = producer.transaction;
    producer.transaction = async () => {
      const transaction = await begin();
      const send = transaction.sendBatch;
      transaction.sendBatch = async (batch) => {
        const first = await send(batch);
        return doubled++ === 0 ? [...first, ...(await send(batch))] : first;
      };
      return transaction;
    };
    return producer;
  });
  const service = await start();
  const all = rides(5);
  await writeAll(all);
  expect(await decided(all)).toEqual(ids(all));
  expect(doubled).toBeGreaterThan(1);
  expect(service.lines).toContainEqual(
    expect.objectContaining({
      reason: expect.stringMatching(/ride_confirmed\/\d accepted the same records twice/),
    }),
  );
});

test('a message that was stored twice is decided once, also when a successor finds the second copy', async () => {
  const ride = aRide();
  const copy = { ...toPartition(1, ride), headers: { ce_id: ride.id } };
  const service = await start();
  await it.log.write('ride_details', copy, copy);
  await decided([]);
  await it.log.write('ride_details', copy);
  await decided([]);
  await eventually(async () => expect(await service.metric('rideflow_messages_repeated_total')).toBe(2));
  await service.stop();
  await start();
  await it.log.write('ride_details', copy);
  expect(await decided([[], [ride], []])).toEqual([[], [ride.id], []]);
});

test('an identity that is too long for a decision is a dead letter, and the partition continues', async () => {
  await start();
  const ride = aRide();
  await it.log.write('ride_details', {
    ...toPartition(1, aRide()),
    headers: { ce_id: '€'.repeat(180_000), note: 'too long' },
  });
  await write(1, ride);
  expect(await decided([[], [ride], []])).toEqual([[], [ride.id], []]);
  await eventually(() => {
    const [letter] = it.log
      .on('ride_details.transaction.dlq')
      .filter(({ headers }) => headers.note === 'too long');
    expect(letter?.headers.dead_letter_reason).toBe(
      'the header ce_id has 540000 bytes; up to 256 are accepted',
    );
  });
});

/** A foreign message, and a decision that names what was at its coordinates, by its time or, as version 1.0 did, without. */
async function decidedBefore(named: 'by time' | 'without time', earlierBy: number) {
  await (await start()).stop();
  const ride = aRide();
  const written = Date.now();
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets('ride_details');
  await admin.disconnect();
  const place = `ride_details/1/${ends.find(({ partition }) => partition === 1)?.high}`;
  const timestamp = String(written - earlierBy);
  const ce_causeid = named === 'by time' ? `${place}@${timestamp}` : place;
  await it.log.write('ride_confirmed', {
    partition: 1,
    timestamp,
    value: JSON.stringify(confirm({ ...ride, id: 'the one before' })),
    headers: { ce_id: ce_causeid, ce_cause: place, ce_causeid },
  });
  await it.log.write('ride_details', { ...toPartition(1, ride), timestamp: String(written) });
  await start();
  return { ride, decided: await decided([[], [ride], []]) };
}

test('a message of a recreated topic is decided, whatever was decided at its coordinates before', async () => {
  for (const named of ['by time', 'without time'] as const) {
    const { ride, decided } = await decidedBefore(named, 3_600_000);
    expect(decided).toEqual([[], [ride.id], []]);
  }
});

test('what the version before decided, under its coordinates alone, is not decided again', async () => {
  const { decided } = await decidedBefore('without time', 0);
  expect(decided).toEqual([[], [], []]);
});

// kafkajs does not wait for the other batches in hand when one of them learns of a rebalance.
test('a batch of an earlier assignment that is still in progress does not affect the next assignment', async () => {
  const service = testService('transaction', it.brokers);
  running.push(service);
  const guarantee = new ExactlyOnceTopic(service, 3);
  const assign = () => guarantee.assign({} as Consumer, 'ride_details', 0, nobody);
  const admin = kafka.admin();
  await admin.connect();
  const [committed] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
  await admin.disconnect();
  const place = committed?.partitions.find(({ partition }) => partition === 0)?.offset;
  const old = assign();
  expect(await old.begin()).toBe(place);
  old.close();
  const fresh = assign();
  expect(await fresh.begin()).toBe(place);

  old.decided?.add('a ride');
  expect(fresh.decided?.has('a ride')).toBe(false);
  await expect(old.apply([], '0')).rejects.toThrow('the partition was reassigned');
  fresh.decided?.add('another');
  expect(fresh.decided?.has('another')).toBe(true);
  await guarantee.stop();
});

testIfNewer(
  'a member that was thrown out of its group commits nothing, and does not fence the new owner',
  async () => {
    const service = testService('transaction', it.brokers);
    running.push(service);
    const guarantee = new ExactlyOnceTopic(service, 3);
    await guarantee.assign({} as Consumer, 'ride_details', 0, nobody).begin(); // commits an offset if there is none
    const thrownOut = { memberId: 'rideflow-transaction-gone', generationId: 1 };
    const partition = guarantee.assign({} as Consumer, 'ride_details', 0, thrownOut);
    const place = (await partition.begin()) ?? '';
    const value = 'of a member that was thrown out';
    const records = [{ topic: 'ride_confirmed', partition: 0, key: null, value, headers: {} }];
    await partition.apply([{ outcome: 'done', received: null, records }], place);
    await expect(partition.commit(place, async () => {})).rejects.toThrow(/member|generation/i);
    await expect(partition.begin()).rejects.toThrow('the partition was reassigned');
    await guarantee.stop();
    const all = rides(1);
    await writeAll(all);
    await start();
    expect(await decided(all)).toEqual(ids(all));
    expect(it.log.on('ride_confirmed').filter(({ text }) => text === value)).toEqual([]);
  },
);

test('a stop in mid-batch finishes messages in progress and leaves the rest to the next process', async () => {
  await (await start()).stop();
  const list = Array.from({ length: 10 }, () => aRide());
  await write(2, ...list);
  const handled: number[] = [];
  const handle: Handle = ({ value }) => {
    const n = list.findIndex(({ id }) => id === value.id);
    if (n >= 0) handled.push(n);
    if (n === 3 && handled.length === 4) stopped = service.then((it) => it.stop());
    return [confirm(value)];
  };
  let stopped: Promise<void> | undefined;
  const service = start(handle);
  await service;
  await eventually(() => expect(stopped).toBeDefined());
  await stopped;
  await start(handle);
  expect(await decided([[], [], list])).toEqual([[], [], list.map(({ id }) => id)]);
  expect(handled).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]); // what was handled was finished, too
});

test('a member that joins and one that leaves in mid-flow lose nothing and double nothing', async () => {
  const by = new Map<string, number>();
  const counted =
    (name: string): Handle =>
    ({ value }) => {
      by.set(name, (by.get(name) ?? 0) + 1);
      return [confirm(value)];
    };
  const all: RideDetails[][] = [[], [], []];
  const flow = async (until: () => boolean) => {
    do {
      const more = rides(10);
      more.forEach((list, partition) => void all[partition]?.push(...list));
      await writeAll(more);
    } while (!until());
  };
  const first = await start(counted('first'));
  await flow(() => by.has('first'));
  let joined = false;
  const second = start(counted('second')).finally(() => {
    joined = true;
  });
  await flow(() => joined && by.has('second'));
  const service = await second;
  // One leaves and the other has all; a third joins, and the one that was there all along leaves.
  for (const leave of [
    () => service.stop(),
    async () => {
      await start(counted('third'));
      await first.stop();
    },
  ]) {
    let left = false;
    const leaving = leave().finally(() => {
      left = true;
    });
    await flow(() => left);
    await leaving;
  }
  expect(await decided(all)).toEqual(ids(all));
});

test('a member that does not hear which partitions it got joins again, and continues', async () => {
  await start();
  await decided(rides(1));
  const lost = faults.loseOne('answer', 'SyncGroup', 'transaction');
  const heartbeat = ConsumerGroup.prototype.heartbeat;
  let mustRejoin = true;
  jest.spyOn(ConsumerGroup.prototype, 'heartbeat').mockImplementation(async function (
    this: unknown,
    ...args: unknown[]
  ) {
    if (!mustRejoin || (this as { groupId: string }).groupId !== 'transaction')
      return Reflect.apply(heartbeat, this, args);
    mustRejoin = false;
    throw Object.assign(new Error('the group rebalances'), { type: 'REBALANCE_IN_PROGRESS' });
  });
  await lost;
  const all = rides(5);
  await writeAll(all);
  expect(await decided(all)).toEqual(ids(all));
});

test('a predecessor that never ended its transaction is fenced, without a wait for its timeout', async () => {
  const predecessor = kafka.producer({
    transactionalId: 'transaction/ride_details/0',
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 600_000, // longer than this test may take
  });
  await predecessor.connect();
  const [stale, fresh] = [aRide(), aRide()];
  const open = await predecessor.transaction();
  await open.send({ topic: 'ride_confirmed', messages: [toPartition(0, confirm(stale))] });

  await start();
  await write(0, fresh);
  expect(await decided([[fresh], [], []])).toEqual([[fresh.id], [], []]);
  await expect(open.commit()).rejects.toMatchObject({
    type: expect.stringMatching(/^(INVALID_PRODUCER_EPOCH|PRODUCER_FENCED)$/), // before and since transaction version 2
  });
  expect(outcomes(new Set([stale.id]))).toEqual([]);
  await predecessor.disconnect();
});

test('a transaction starts at the committed offset, wherever the position of the consumer was', async () => {
  const first = await start();
  await decided([]); // with what earlier tests left, too
  await first.stop();
  const list = Array.from({ length: 5 }, () => aRide());
  await write(0, ...list);
  // Once this member has fetched all five, but before its writer is the newest, another one finishes the first three.
  const other = kafka.producer({ transactionalId: 'other', idempotent: true, maxInFlightRequests: 1 });
  await other.connect();
  const finishThree = async () => {
    const admin = kafka.admin();
    await admin.connect();
    const [committed] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
    await admin.disconnect();
    const offset = committed?.partitions.find(({ partition }) => partition === 0)?.offset ?? '';
    const transaction = await other.transaction();
    const partitions = [{ partition: 0, offset: String(BigInt(offset) + 3n) }];
    await transaction.sendOffsets({
      consumerGroupId: 'transaction',
      topics: [{ topic: 'ride_details', partitions }],
    });
    await transaction.commit();
  };
  const create = Kafka.prototype.producer;
  let times = 0;
  jest.spyOn(Kafka.prototype, 'producer').mockImplementation(function (this: Kafka, config) {
    const producer = create.call(this, config);
    const { connect } = producer;
    producer.connect = async () => {
      if (config?.transactionalId === 'transaction/ride_details/0' && times++ === 0) await finishThree();
      return connect();
    };
    return producer;
  });
  const handled: string[] = [];
  await start(({ value }) => {
    handled.push(value.id);
    return [confirm(value)];
  });
  const rest = list.slice(3).map(({ id }) => id);
  expect((await decided([list, [], []]))[0]).toEqual(rest);
  expect(handled.filter((id) => list.some((ride) => ride.id === id))).toEqual(rest);
  expect(times).toBe(1);
  await other.disconnect();
});

test('the work continues by itself, and exactly once, after the broker was killed', async () => {
  const service = await start();
  const [before, after] = [rides(50), rides(50)];
  await writeAll(before);
  await it.kill(0);
  await it.restart(0);
  await writeAll(after);
  const both = partitions.map((p) => [...(before[p] ?? []), ...(after[p] ?? [])]);
  expect(await decided(both)).toEqual(ids(both));
  expect(service.failures).toEqual([]);
});
