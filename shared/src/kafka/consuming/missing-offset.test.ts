import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import type { RideConfirmed } from '../../messages.ts';
import type { Received } from '../../reading.ts';
import { consume, consumeInto, type Store } from '../consume.ts';
import { ensureTopics } from '../ensure-topics.ts';

const it = useBroker();
let admin: Admin;
beforeAll(async () => {
  admin = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(() => admin.disconnect());
const running: TestService<'transaction' | 'email' | 'analytics'>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

async function transaction() {
  const service = testService('transaction', it.brokers);
  running.push(service);
  await consume(service, { handle: ({ value }) => [confirm(value)] });
  return service;
}
async function email(GUARANTEE: string, handle = (_id: string) => {}) {
  const service = testService('email', it.brokers, { GUARANTEE });
  running.push(service);
  await consume(service, { handle: ({ value }) => handle(value.id) });
  return service;
}
const write = (topic: string, partition: number, ...values: (object | string)[]) =>
  it.log.write(topic, ...values.map((value) => toPartition(partition, value)));
const rides = (count: number) => Array.from({ length: count }, () => aRide());
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
/** Those of `seen` that are ids of these rides. */
const among = (list: { id: string }[], seen: string[]) =>
  seen.filter((one) => list.some(({ id }) => id === one));
/** The ids of these rides in the order in which they were decided. */
const decided = (list: { id: string }[]) =>
  it.log.on('ride_confirmed').flatMap(({ value }) => list.find(({ id }) => id === value?.id)?.id ?? []);
/** Ends when what was written before to a partition is decided. */
async function settled(partition: number) {
  const last = rides(1);
  await write('ride_details', partition, ...last);
  await eventually(() => expect(decided(last)).toHaveLength(1));
}

async function placeOf(groupId: string, topic: string, partition: number) {
  const [ends, [committed]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const end = ends.find((one) => one.partition === partition);
  const offset = committed?.partitions.find((one) => one.partition === partition)?.offset;
  return { low: Number(end?.low), high: Number(end?.high), committed: Number(offset) };
}
/** Starts and stops a service whose group has a committed offset then: a new one commits where it begins. */
async function cameAndWent(
  service: TestService<'transaction' | 'email' | 'analytics'>,
  ...place: Parameters<typeof placeOf>
) {
  await eventually(async () => expect((await placeOf(...place)).committed).toBeGreaterThanOrEqual(0));
  await service.stop();
}
const expire = (topic: string, partition: number, before: number) =>
  admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
/** The error lines about a position that the log does not have. */
const lines = (service: { lines: Record<string, unknown>[] }, text: RegExp, level = 50) =>
  service.lines.filter((line) => line.level === level && text.test(String(line.msg)));
const gone = /deleted before they were handled/;
const behindTheEnd = /beyond the end of the log/;

test('messages that expired before transaction came to them are counted and said, and it goes on behind them', async () => {
  await cameAndWent(await transaction(), 'transaction', 'ride_details', 0);
  const { high: committed } = await placeOf('transaction', 'ride_details', 0);
  const list = rides(10);
  await write('ride_details', 0, ...list);
  await expire('ride_details', 0, committed + 7);
  const service = await transaction();
  await eventually(() => expect(decided(list)).toEqual(idsOf(list.slice(7))));
  expect(lines(service, gone)).toEqual([
    expect.objectContaining({
      topic: 'ride_details',
      partition: 0,
      committed: String(committed),
      logStart: String(committed + 7),
      gone: 7,
    }),
  ]);
  expect(await service.metric('rideflow_messages_expired_total')).toBe(7);
  await service.stop();
  // Where it goes on is durable: the next one has nothing to say.
  const next = await transaction();
  await settled(0);
  expect(lines(next, gone)).toEqual([]);
});

test('when all expired and nothing new came, the place behind them is committed all the same', async () => {
  await cameAndWent(await transaction(), 'transaction', 'ride_details', 1);
  await write('ride_details', 1, ...rides(5));
  const { high } = await placeOf('transaction', 'ride_details', 1);
  await expire('ride_details', 1, high);
  const service = await transaction();
  await eventually(async () =>
    expect(await placeOf('transaction', 'ride_details', 1)).toMatchObject({ committed: high }),
  );
  await eventually(async () => expect(await service.metric('rideflow_messages_expired_total')).toBe(5));
});

test.each(['at-least-once', 'at-most-once'])('the same under %s', async (GUARANTEE) => {
  const seen: string[] = [];
  await cameAndWent(await email(GUARANTEE), 'email', 'ride_confirmed', 2);
  const list = rides(10);
  await write('ride_confirmed', 2, ...list.map(confirm));
  const { committed, high } = await placeOf('email', 'ride_confirmed', 2);
  await expire('ride_confirmed', 2, committed + 4);
  const service = await email(GUARANTEE, (id) => void seen.push(id));
  await eventually(() => expect(among(list, seen)).toEqual(idsOf(list.slice(4))));
  await eventually(async () =>
    expect(await placeOf('email', 'ride_confirmed', 2)).toMatchObject({ committed: high }),
  );
  await eventually(async () => expect(await service.metric('rideflow_messages_expired_total')).toBe(4));
});

test('the same for a store: it goes on behind what expired, and stores that place', async () => {
  const next = new Map<number, string>();
  const ids: string[] = [];
  const store: Store<RideConfirmed> = {
    offsets: () => next,
    apply(partition: number, messages: Received<RideConfirmed>[], nextOffset: string) {
      ids.push(...messages.map(({ value }) => value.id));
      next.set(partition, nextOffset);
    },
  };
  const { high } = await placeOf('email', 'ride_confirmed', 1);
  next.set(1, String(high));
  await write('ride_confirmed', 1, ...rides(3).map(confirm));
  await expire('ride_confirmed', 1, high + 3);
  const service = testService('analytics', it.brokers);
  running.push(service);
  await consumeInto(service, store);
  await eventually(() => expect(next.get(1)).toBe(String(high + 3)));
  await eventually(async () => expect(await service.metric('rideflow_messages_expired_total')).toBe(3));
  const list = rides(1);
  await write('ride_confirmed', 1, ...list.map(confirm));
  await eventually(() => expect(ids).toEqual(expect.arrayContaining(idsOf(list))));
});

test('messages that expire while their partition waits are counted, and it goes on behind them', async () => {
  const list = rides(20);
  let broken = true;
  const seen: string[] = [];
  const service = await email('at-least-once', (id) => {
    if (broken && list.some((ride) => ride.id === id)) throw new Error('no mail server');
    seen.push(id);
  });
  const before = await eventually(async () => {
    const { committed, high } = await placeOf('email', 'ride_confirmed', 0);
    expect(committed).toBe(high);
    return high;
  });
  await write('ride_confirmed', 0, ...list.map(confirm));
  await eventually(async () => expect(await service.metric('rideflow_retries_total')).toBeGreaterThan(0));
  const { high } = await placeOf('email', 'ride_confirmed', 0);
  await expire('ride_confirmed', 0, high - 5);
  await eventually(() =>
    expect(lines(service, gone)).toContainEqual(
      expect.objectContaining({ partition: 0, gone: high - 5 - before }),
    ),
  );
  broken = false;
  await eventually(() => expect(among(list, seen)).toEqual(idsOf(list.slice(15))));
});

test('a committed offset behind the end of the log is said, the partition goes on at the end, and nothing is decided twice', async () => {
  const before = rides(5);
  await write('ride_details', 2, ...before);
  const first = await transaction();
  await settled(2);
  await first.stop();
  const { high } = await placeOf('transaction', 'ride_details', 2);
  await eventually(() =>
    admin.setOffsets({
      groupId: 'transaction',
      topic: 'ride_details',
      partitions: [{ partition: 2, offset: String(high + 50) }],
    }),
  );
  const service = await transaction();
  await eventually(async () =>
    expect(await placeOf('transaction', 'ride_details', 2)).toMatchObject({ committed: high }),
  );
  const after = rides(5);
  await write('ride_details', 2, ...after);
  await settled(2);
  expect(decided([...before, ...after])).toEqual(idsOf([...before, ...after]));
  expect(lines(service, behindTheEnd)).toEqual([
    expect.objectContaining({ partition: 2, committed: String(high + 50), logEnd: String(high) }),
  ]);
  expect(await service.metric('rideflow_messages_repeated_total')).toBe(0);
});

test('a group without committed offsets goes on where its outputs say, dead letters too, and decides nothing twice', async () => {
  const list = rides(30);
  await write('ride_details', 0, ...list.slice(0, 29));
  const first = await transaction();
  await settled(0);
  await write('ride_details', 0, 'not a ride, parked once');
  const parked = () =>
    it.log.on('ride_details.transaction.dlq').filter(({ text }) => text === 'not a ride, parked once');
  await eventually(() => expect(parked()).toHaveLength(1));
  await first.stop();
  await eventually(() => admin.deleteGroups(['transaction']));
  await write('ride_details', 0, ...list.slice(29));

  const service = await transaction();
  await settled(0);
  expect(decided(list)).toEqual(idsOf(list));
  expect(parked()).toHaveLength(1);
  // It went on at its place, instead of reading again what it remembers.
  expect(await service.metric('rideflow_messages_repeated_total')).toBe(0);
  expect(lines(service, /no committed offset/, 40).map(({ partition }) => partition)).toContain(0);
});

test('a topic that was deleted and made anew is read from its start', async () => {
  const service = await transaction();
  for (const partition of [0, 1, 2]) await settled(partition);
  await service.stop();
  await admin.deleteTopics({ topics: ['ride_details'] });
  await eventually(async () => expect(await admin.listTopics()).not.toContain('ride_details'));
  await ensureTopics(testService('transaction', it.brokers));
  const list = rides(3).map((ride) => ({ ...ride }));
  await eventually(() => write('ride_details', 0, ...list));
  await transaction();
  await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
});

test('the lag is 0 behind what an aborted transaction wrote, as anybody computes it', async () => {
  await email('at-least-once');
  const writer = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).producer({
    transactionalId: 'aborts',
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await writer.connect();
  const transaction = await writer.transaction();
  await transaction.send({ topic: 'ride_confirmed', messages: [toPartition(1, confirm(aRide()))] });
  await transaction.abort();
  await writer.disconnect();
  await eventually(async () => {
    const { committed, high } = await placeOf('email', 'ride_confirmed', 1);
    expect(committed).toBe(high);
  });
});

test('where offsets go before messages, a reader with an effect outside Kafka says at its start what would be repeated', async () => {
  const warning = (service: TestService<'email'>) =>
    lines(service, /committed offsets of a group for a shorter time/, 40);
  const quiet = await email('at-least-once');
  expect(warning(quiet)).toEqual([]);
  const topic = { type: 2, name: 'ride_confirmed' };
  const keep = async (value: string) => {
    const configEntries = [{ name: 'retention.ms', value }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...topic, configEntries }] });
    // The broker shows it a moment after it has answered.
    await eventually(async () => {
      const resources = [{ ...topic, configNames: ['retention.ms'] }];
      const shown = await admin.describeConfigs({ resources, includeSynonyms: false });
      expect(shown.resources[0]?.configEntries[0]?.configValue).toBe(value);
    });
  };
  await keep('-1');
  const warned = await email('at-least-once');
  expect(warning(warned)).toEqual([
    expect.objectContaining({ topic: 'ride_confirmed', messagesKeptDays: 'unlimited' }),
  ]);
  await keep('604800000');
});
