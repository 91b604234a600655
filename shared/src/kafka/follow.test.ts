import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../test/support/faults.ts';
import { aRide, confirm, toPartition } from '../../../test/support/rides.ts';
import { type TestService, testService } from '../../../test/support/service.ts';
import { type FollowedMessage, follow } from './follow.ts';

const it = useBroker();
let faults: Faults;
let kafka: Kafka;
let admin: Admin;
beforeAll(async () => {
  faults = injectFaults();
  kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING, retry: { retries: 50 } });
  admin = kafka.admin();
  await admin.connect();
});
afterAll(async () => {
  faults.remove();
  await admin.disconnect();
});
const running: TestService<'rides'>[] = [];
afterEach(async () => {
  faults.heal();
  for (const service of running.splice(0)) await service.stop();
});

async function start(last: number, knows?: (identity: string) => boolean) {
  const service = testService('rides', it.brokers);
  running.push(service);
  const messages: FollowedMessage[] = [];
  let restarts = 0;
  const follower = follow(service, {
    topics: ['ride_details', 'ride_confirmed'],
    last,
    ...(knows && { knows }),
    onMessage: (message) => void messages.push(message),
    onRestart: () => void restarts++,
  });
  /** What it took in of a topic, per partition. */
  const offsets = (topic: string) =>
    [0, 1, 2].map((p) =>
      messages.flatMap(({ received: { coordinates: at } }) =>
        at.topic === topic && at.partition === p ? Number(at.offset) : [],
      ),
    );
  return { service, follower, messages, offsets, restarts: () => restarts };
}
const caughtUp = ({ follower }: Awaited<ReturnType<typeof start>>) =>
  eventually(() => expect(follower.caughtUp()).toBe(true));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const write = (partition: number, count: number) =>
  it.log.write('ride_details', ...Array.from({ length: count }, () => toPartition(partition, aRide())));

test('there is nothing to catch up with on empty topics', async () => {
  const started = await start(100);
  await caughtUp(started);
  expect(started.service.waiting()).toEqual([]);
});

test('following begins the given number of messages before the end, wherever they are, or at the start', async () => {
  for (const partition of [0, 1]) await write(partition, 50);
  await write(2, 3);
  await write(1, 7);
  const some = await start(30);
  await caughtUp(some);
  expect(some.offsets('ride_details')).toEqual([[], range(30, 57), range(0, 3)]);
  expect(some.offsets('ride_confirmed')).toEqual([[], [], []]);

  const all = await start(100_000);
  await caughtUp(all);
  expect(all.offsets('ride_details')).toEqual([range(0, 50), range(0, 57), range(0, 3)]);
});

test('a follower is ready once it has read the existing messages, and then gets new ones', async () => {
  faults.silence('Fetch', 'rides');
  const started = await start(30);
  expect(started.follower.caughtUp()).toBe(false);
  expect(started.service.waiting()).toEqual(['reading the latest rides']);
  faults.heal();
  await caughtUp(started);
  expect(started.service.waiting()).toEqual([]);
  const ride = aRide();
  await it.log.write('ride_confirmed', toPartition(2, confirm(ride)));
  await eventually(() =>
    expect(started.messages).toContainEqual(
      expect.objectContaining({
        topic: 'ride_confirmed',
        received: expect.objectContaining({ value: expect.objectContaining({ id: ride.id }) }),
      }),
    ),
  );
});

test('unreadable messages are skipped', async () => {
  const started = await start(0);
  await caughtUp(started);
  const ride = aRide();
  await it.log.write('ride_details', toPartition(0, 'unreadable'), toPartition(0, ride));
  await eventually(() => expect(started.messages).toHaveLength(1));
  expect(started.messages[0]?.received.value.id).toBe(ride.id);
});

test('a message that cannot be processed does not stop the follower', async () => {
  const service = testService('rides', it.brokers);
  running.push(service);
  const seen: string[] = [];
  const follower = follow(service, {
    topics: ['ride_details'],
    last: 0,
    onMessage: ({ received }) => {
      seen.push(received.value.id);
      if (seen.length === 1) throw new TypeError('a bug');
    },
    onRestart: () => {},
  });
  await eventually(() => expect(follower.caughtUp()).toBe(true));
  const [first, second] = [aRide(), aRide()];
  await it.log.write('ride_details', toPartition(0, first), toPartition(0, second));
  await eventually(() => expect(seen).toEqual([first.id, second.id]));
  expect(service.lines).toContainEqual(expect.objectContaining({ msg: 'could not process a message' }));
});

test('markers of transactions are passed, not waited for', async () => {
  const producer = kafka.producer({ transactionalId: 'any', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const end of ['commit', 'abort'] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'ride_confirmed', messages: [toPartition(1, confirm(aRide()))] });
    await transaction[end]();
  }
  await producer.disconnect();
  for (const last of [3, 6, 9, 12]) await caughtUp(await start(last));
});

test('markers are not counted as messages, and a decision is read for each request that is', async () => {
  const producer = kafka.producer({ transactionalId: 'one', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const rides = Array.from({ length: 12 }, () => aRide());
  await it.log.write('ride_details', ...rides.map((ride) => toPartition(0, ride)));
  for (const ride of rides) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'ride_confirmed', messages: [toPartition(0, confirm(ride))] });
    await transaction.commit();
  }
  await producer.disconnect();
  // Decided since, and not a decision of any of those rides.
  await it.log.write('ride_confirmed', ...rides.map(() => toPartition(1, confirm(aRide()))));
  const started = await start(12);
  await caughtUp(started);
  const seen = (topic: string) =>
    started.messages.flatMap(({ topic: of, received }) => (of === topic ? received.value.id : []));
  expect(seen('ride_details')).toEqual(rides.map(({ id }) => id));
  expect(seen('ride_confirmed')).toEqual(expect.arrayContaining(rides.map(({ id }) => id)));
});

test('reached tells when the follower has passed a message, and when it has not in time', async () => {
  const started = await start(0);
  await caughtUp(started); // what is written before it begins is not taken in
  const { follower, messages } = started;
  const [{ high = '0' } = {}] = (await admin.fetchTopicOffsets('ride_details')).filter(
    ({ partition }) => partition === 1,
  );
  const coordinates = { topic: 'ride_details', partition: 1, offset: high };
  expect(await follower.reached(coordinates, 50)).toBe(false);
  const reached = follower
    .reached(coordinates, 120_000)
    .then((result) => ({ result, taken: messages.length }));
  await write(1, 1);
  expect(await reached).toEqual({ result: true, taken: 1 }); // not before the message was taken in
  expect(await follower.reached(coordinates, 0)).toBe(true);
});

test('a follower keeps its position when the broker is killed, and gets nothing twice', async () => {
  const started = await start(0);
  await caughtUp(started);
  await write(0, 20);
  await eventually(() => expect(started.messages).toHaveLength(20));
  await it.kill(0);
  await it.restart(0);
  await write(0, 20);
  await eventually(() => expect(started.messages.length).toBeGreaterThanOrEqual(40));
  const [offsets = []] = started.offsets('ride_details');
  expect(offsets).toEqual(range(offsets[0] ?? 0, (offsets[0] ?? 0) + 40));
  expect(started.service.failures).toEqual([]);
});

test('each follower reads all partitions, and no group knows of it', async () => {
  const [one, two] = [await start(30), await start(30)];
  await Promise.all([caughtUp(one), caughtUp(two)]);
  expect(one.offsets('ride_details')).toEqual(two.offsets('ride_details'));
  const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  expect(groups.filter((groupId) => !groupId.startsWith('test-'))).toEqual([]); // that of the test's own log
});

test('a message that Kafka has deleted is known not to be kept', async () => {
  const { follower } = await start(0);
  const [{ high = '0' } = {}] = (await admin.fetchTopicOffsets('ride_details')).filter(
    ({ partition }) => partition === 2,
  );
  await write(2, 2);
  const at = (offset: number) => ({ topic: 'ride_details', partition: 2, offset: String(offset) });
  expect([0, 1].map((n) => follower.keeps(at(Number(high) + n)))).toEqual([true, true]);
  const partitions = [{ partition: 2, offset: String(Number(high) + 1) }];
  await admin.deleteTopicRecords({ topic: 'ride_details', partitions });
  await eventually(() =>
    expect([0, 1].map((n) => follower.keeps(at(Number(high) + n)))).toEqual([false, true]),
  );
});

test('partitions that are added are followed too', async () => {
  const started = await start(30);
  await caughtUp(started);
  for (const topic of ['ride_details', 'ride_confirmed'])
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
  const ride = aRide();
  const producer = kafka.producer({ allowAutoTopicCreation: false }); // it knows of them from the start
  await producer.connect();
  await eventually(() => producer.send({ topic: 'ride_details', messages: [toPartition(3, ride)] }));
  await producer.disconnect();
  await eventually(() =>
    expect(started.messages.map(({ received }) => received.value.id)).toContain(ride.id),
  );
});

test('recreated topics are followed from their beginning, and the follower reports it', async () => {
  const started = await start(30);
  await caughtUp(started);
  const [before] = await admin.fetchTopicOffsets('ride_confirmed');
  await admin.deleteTopics({ topics: ['ride_details', 'ride_confirmed'] });
  const topics = ['ride_details', 'ride_confirmed'].map((topic) => ({ topic, numPartitions: 3 }));
  await eventually(() => admin.createTopics({ topics, waitForLeaders: true }));
  // As many as before: the place alone does not tell.
  const rides = Array.from({ length: Number(before?.high) + 5 }, () => aRide());
  started.messages.length = 0;
  await eventually(() =>
    it.log.write(
      'ride_confirmed',
      ...rides.map((ride) => toPartition(before?.partition ?? 0, confirm(ride))),
    ),
  );
  await eventually(() =>
    expect(started.messages.map(({ received }) => received.value.id)).toEqual(
      expect.arrayContaining(rides.slice(-30).map(({ id }) => id)),
    ),
  );
  expect(started.restarts()).toBe(1);
});

test('an already known request is skipped, and reading continues after it', async () => {
  const [known, other] = [aRide(), aRide()];
  const { messages } = await start(1, (identity) => identity === known.id);
  const records = [known, other].map((ride) => ({ ...toPartition(0, ride), headers: { ce_id: ride.id } }));
  await it.log.write('ride_details', ...records);
  const identities = () => messages.map(({ received }) => received.identity);
  await eventually(() => expect(identities()).toContain(other.id));
  expect(identities()).not.toContain(known.id);
});
