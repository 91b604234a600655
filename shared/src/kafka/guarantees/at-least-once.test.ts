import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../test/support/faults.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import { type ConsumeOptions, consume } from '../consume.ts';
import { AtMostOnce } from './at-most-once.ts';
import type { AssignedPartition, Handled } from './guarantee.ts';

// What a crash at the same places does: ../crash.test.ts.
const it = useBroker();
let faults: Faults;
beforeAll(() => {
  faults = injectFaults();
});
afterAll(() => faults.remove());
const running: TestService<'transaction' | 'email'>[] = [];
afterEach(async () => {
  faults.heal();
  for (const service of running.splice(0)) await service.stop();
});

async function transaction(GUARANTEE: string, handle?: ConsumeOptions<'transaction'>['handle']) {
  const service = testService('transaction', it.brokers, { GUARANTEE });
  running.push(service);
  await consume(service, { handle: handle ?? (({ value }) => [confirm(value)]) });
  return service;
}
const write = (partition: number, ...values: (object | string)[]) =>
  it.log.write('ride_details', ...values.map((value) => toPartition(partition, value)));
const rides = (count: number) => Array.from({ length: count }, () => aRide());
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
const outcomes = (list: { id: string }[]) =>
  it.log.on('ride_confirmed').flatMap(({ value }) => list.find(({ id }) => id === value?.id)?.id ?? []);
/** Ends when what was written before to a partition is done. */
async function done(partition: number) {
  const last = rides(1);
  await write(partition, ...last);
  await eventually(() => expect(outcomes(last)).not.toEqual([]));
}

describe('at least once', () => {
  test('every message has its effect, in order, and dead letters are parked', async () => {
    const list = rides(50);
    const service = await transaction('at-least-once');
    await write(1, ...list.slice(0, 25), 'poison, at least once', ...list.slice(25));
    await done(1);
    expect(outcomes(list)).toEqual(idsOf(list));
    await eventually(() => {
      const parked = it.log.on('ride_details.transaction.dlq');
      expect(parked.filter(({ text }) => text === 'poison, at least once')).toHaveLength(1);
    });
    await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  });

  test('a transient error is tried again before any later message of its partition', async () => {
    const list = rides(5);
    const seen: [string, number][] = [];
    await transaction('at-least-once', ({ value }, attempt) => {
      if (list.some(({ id }) => id === value.id)) seen.push([value.id, attempt]);
      if (value.id === list[2]?.id && attempt < 3) throw new Error('busy');
      return [confirm(value)];
    });
    await write(0, ...list);
    await done(0);
    const [a, b, c, d, e] = idsOf(list);
    expect(seen).toEqual([
      [a, 1],
      [b, 1],
      [c, 1],
      [c, 2],
      [c, 3],
      [d, 1],
      [e, 1],
    ]);
    expect(outcomes(list)).toEqual(idsOf(list));
  });

  test.each(['request', 'answer'] as const)(
    'when the %s of a commit is lost, only the commit is tried again: no effect is repeated, none lost',
    async (lose) => {
      const list = rides(10);
      await (await transaction('at-least-once')).stop();
      await write(2, ...list);
      const lost = faults.loseOne(lose, 'OffsetCommit', 'transaction');
      const handled: string[] = [];
      const service = await transaction('at-least-once', ({ value }) => {
        handled.push(value.id);
        return [confirm(value)];
      });
      await lost;
      await done(2);
      expect(outcomes(list)).toEqual(idsOf(list));
      expect(handled.slice(0, 10)).toEqual(idsOf(list));
      expect(new Set(handled).size).toBe(handled.length);
      await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
    },
  );
});

describe('at most once', () => {
  test('a failed message is dropped after one attempt and reported', async () => {
    const list = rides(5);
    const attempts: number[] = [];
    const service = await transaction('at-most-once', ({ value }, attempt) => {
      if (value.id !== list[2]?.id) return [confirm(value)];
      attempts.push(attempt);
      throw new Error('busy');
    });
    await write(0, ...list);
    await done(0);
    const [a, b, , d, e] = idsOf(list);
    expect(outcomes(list)).toEqual([a, b, d, e]);
    expect(attempts).toEqual([1]);
    await eventually(async () => expect(await service.metric('rideflow_messages_dropped_total')).toBe(1));
    expect(service.lines).toContainEqual(
      expect.objectContaining({
        msg: 'message lost: with at-most-once there is no second attempt',
        topic: 'ride_details',
      }),
    );
  });

  test('a dead letter is parked all the same', async () => {
    await transaction('at-most-once');
    await write(0, 'poison, at most once');
    await done(0);
    await eventually(() => {
      const parked = it.log.on('ride_details.transaction.dlq');
      expect(parked.filter(({ text }) => text === 'poison, at most once')).toHaveLength(1);
    });
  });

  test.each(['request', 'answer'] as const)(
    'when the %s of a write is lost, nothing is repeated, and the work continues',
    async (lose) => {
      await (await transaction('at-most-once')).stop();
      const list = rides(10);
      await write(1, ...list);
      const lost = faults.loseOne(lose, 'Produce', 'transaction');
      await transaction('at-most-once');
      await lost;
      await done(1);
      const found = outcomes(list);
      expect(new Set(found).size).toBe(found.length);
      if (lose === 'request') expect(found).toEqual([]);
    },
  );
});

test('with at most once, records are written as soon as Kafka is back, even if it was away for the first of them', async () => {
  const service = testService('transaction', it.brokers);
  const guarantee = new AtMostOnce(service);
  const partition = guarantee.assign({} as Consumer, 'ride_details', 0);
  faults.cut();
  await partition.apply([handled('lost')], '1');
  expect(service.lines).toContainEqual(
    expect.objectContaining({ msg: expect.stringMatching(/^records lost/) }),
  );
  faults.heal();
  await partition.apply([handled('written')], '2');
  await eventually(() => {
    const texts = it.log.on('ride_confirmed').map(({ text }) => text);
    expect(texts).toContain('written');
    expect(texts).not.toContain('lost');
  });
  await guarantee.stop();
});

const handled = (value: string, partition = 0): Handled => ({
  outcome: 'done',
  received: null,
  records: [{ topic: 'ride_confirmed', partition, key: null, value, headers: {} }],
});

test('with at most once, a batch is not handled if its partition was reassigned before its offset was committed', async () => {
  const guarantee = new AtMostOnce(testService('transaction', it.brokers));
  const assign = () => guarantee.assign({} as Consumer, 'ride_details', 0);
  const claim = (partition: AssignedPartition, commit = async () => {}) => partition.claim?.('9', commit);
  expect(await claim(assign())).toBe(true);
  const [during, before] = [assign(), assign()];
  expect(await claim(during, async () => during.close())).toBe(false);
  before.close();
  expect(await claim(before)).toBe(false);
});

test('with at most once, a crash loses at most one slice, not the whole fetch', async () => {
  await (await transaction('at-most-once')).stop();
  const list = rides(250);
  await write(0, ...list);
  const gate = Promise.withResolvers<void>();
  let begun = false;
  const service = await transaction('at-most-once', async ({ value }) => {
    begun = true;
    await gate.promise;
    return [confirm(value)];
  });
  await eventually(() => expect(begun).toBe(true));
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(150));
  gate.resolve();
  await done(0);
  expect(outcomes(list)).toEqual(idsOf(list));
});

test.each(['at-least-once', 'at-most-once'])(
  'with %s, the idle lag after transactions is 0, including their markers',
  async (GUARANTEE) => {
    const service = testService('email', it.brokers, { GUARANTEE });
    running.push(service);
    const handled: string[] = [];
    await consume(service, { handle: ({ value }) => void handled.push(value.id) });
    const writer = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).producer({
      transactionalId: 'any',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await writer.connect();
    const list = rides(3);
    for (const ride of list) {
      const transaction = await writer.transaction();
      await transaction.send({ topic: 'ride_confirmed', messages: [toPartition(1, confirm(ride))] });
      await transaction.commit();
    }
    await writer.disconnect();
    await eventually(() => expect(handled).toEqual(expect.arrayContaining(idsOf(list))));
    await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  },
);

test('a slow handler stays in the group by heartbeats', async () => {
  const service = testService('email', it.brokers);
  running.push(service);
  const slow = confirm(aRide());
  let beats = 0;
  await consume(service, {
    handle: async ({ value }) => {
      if (value.id !== slow.id) return;
      const before = faults.sent('Heartbeat', 'email');
      await eventually(() => expect(faults.sent('Heartbeat', 'email')).toBeGreaterThan(before + 2));
      beats = 3;
    },
  });
  // The fetch loop, which beats otherwise, waits for the batches in hand.
  await it.log.write('ride_confirmed', toPartition(1, slow));
  await eventually(() => expect(beats).toBe(3));
});

test('a slow partition does not delay the others if each has its own consumer', async () => {
  const service = testService('email', it.brokers);
  running.push(service);
  const slow = confirm(aRide());
  const others = [confirm(aRide()), confirm(aRide())];
  const handled: string[] = [];
  const gate = Promise.withResolvers<void>();
  await consume(service, {
    consumerPerPartition: true,
    handle: async ({ value }) => {
      if (value.id === slow.id) await gate.promise;
      handled.push(value.id);
    },
  });
  // Three members, one partition each: a consumer that had two would wait for the slow one.
  await eventually(async () => expect(await it.log.members('email')).toBe(3));
  await it.log.write('ride_confirmed', toPartition(0, slow));
  for (const [n, other] of others.entries()) await it.log.write('ride_confirmed', toPartition(n + 1, other));
  await eventually(() => expect(handled).toEqual(expect.arrayContaining(idsOf(others))));
  expect(handled).not.toContain(slow.id);
  gate.resolve();
  await eventually(() => expect(handled).toContain(slow.id));
});

test('under at most once what goes to a partition that has just been made is not lost without a word', async () => {
  const service = testService('transaction', it.brokers);
  const guarantee = new AtMostOnce(service);
  const partition = guarantee.assign({} as Consumer, 'ride_details', 3);
  await partition.apply([handled('to partition 0')], '1'); // what the producer knows of the topic is fresh
  const admin = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.createPartitions({ topicPartitions: [{ topic: 'ride_confirmed', count: 4 }] });
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: ['ride_confirmed'] });
    expect(topics[0]?.partitions.filter(({ leader }) => leader >= 0)).toHaveLength(4);
  });
  await admin.disconnect();
  await partition.apply([handled('to partition 3', 3)], '2');
  await eventually(() =>
    expect(it.log.on('ride_confirmed').map(({ text }) => text)).toContain('to partition 3'),
  );
  await partition.apply([handled('to partition 4', 4)], '3');
  expect(service.lines).toMatchObject([
    { msg: expect.stringMatching(/^records lost/), err: { message: 'ride_confirmed has no partition 4' } },
  ]);
  await guarantee.stop();
});
