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
  const follower = await follow(service, {
    topics: ['ride_details', 'ride_confirmed'],
    last,
    ...(knows && { knows }),
    onMessage: (message) => void messages.push(message),
  });
  /** What it took in of a topic, per partition. */
  const offsets = (topic: string) =>
    [0, 1, 2].map((p) =>
      messages.flatMap(({ received: { coordinates: at } }) =>
        at.topic === topic && at.partition === p ? Number(at.offset) : [],
      ),
    );
  return { service, follower, messages, offsets };
}
const caughtUp = ({ follower }: Awaited<ReturnType<typeof start>>) =>
  eventually(() => expect(follower.caughtUp()).toBe(true));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const followerGroups = async () =>
  (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((id) => id.includes('follower'));
const write = (partition: number, count: number) =>
  it.log.write('ride_details', ...Array.from({ length: count }, () => toPartition(partition, aRide())));

test('there is nothing to catch up with on empty topics', async () => {
  const started = await start(100);
  expect(started.follower.caughtUp()).toBe(true);
  expect(started.service.waiting()).toEqual([]);
});

test('following begins the given number of messages before the end, or at the start', async () => {
  for (const partition of [0, 1]) await write(partition, 50);
  await write(2, 3);
  const some = await start(30);
  await caughtUp(some);
  expect(some.offsets('ride_details')).toEqual([range(40, 50), range(40, 50), range(0, 3)]);
  expect(some.offsets('ride_confirmed')).toEqual([[], [], []]);

  const all = await start(100_000);
  await caughtUp(all);
  expect(all.offsets('ride_details')).toEqual([range(0, 50), range(0, 50), range(0, 3)]);
});

test('a follower is ready once it has read what was there, and is told of what comes', async () => {
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

test('what nobody can read is left out', async () => {
  const started = await start(0);
  await caughtUp(started);
  const ride = aRide();
  await it.log.write('ride_details', toPartition(0, 'unreadable'), toPartition(0, ride));
  await eventually(() => expect(started.messages).toHaveLength(1));
  expect(started.messages[0]?.received.value.id).toBe(ride.id);
});

test('a message that cannot be taken in does not end the following', async () => {
  const service = testService('rides', it.brokers);
  running.push(service);
  const seen: string[] = [];
  await follow(service, {
    topics: ['ride_details'],
    last: 0,
    onMessage: ({ received }) => {
      seen.push(received.value.id);
      if (seen.length === 1) throw new TypeError('a bug');
    },
  });
  const [first, second] = [aRide(), aRide()];
  await it.log.write('ride_details', toPartition(0, first), toPartition(0, second));
  await eventually(() => expect(seen).toEqual([first.id, second.id]));
  expect(service.lines).toContainEqual(expect.objectContaining({ msg: 'could not take in a message' }));
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

test('reached tells when the follower has passed a message, and when it has not in time', async () => {
  const { follower, messages } = await start(0);
  const [{ high = '0' } = {}] = (await admin.fetchTopicOffsets('ride_details')).filter(
    ({ partition }) => partition === 1,
  );
  const coordinates = { topic: 'ride_details', partition: 1, offset: high };
  expect(await follower.reached(coordinates, 50)).toBe(false);
  const reached = follower
    .reached(coordinates, 20_000)
    .then((result) => ({ result, taken: messages.length }));
  await write(1, 1);
  expect(await reached).toEqual({ result: true, taken: 1 }); // not before the message was taken in
  expect(await follower.reached(coordinates, 0)).toBe(true);
});

test('a follower keeps its place when the broker is killed, and takes in nothing twice', async () => {
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
}, 90_000);

test('each follower reads all partitions, commits nothing, and leaves no group behind', async () => {
  const [one, two] = [await start(30), await start(30)];
  await Promise.all([caughtUp(one), caughtUp(two)]);
  expect(one.offsets('ride_details')).toEqual(two.offsets('ride_details'));
  const groups = await followerGroups();
  expect(groups).toHaveLength(2);
  for (const groupId of groups) {
    const topics = ['ride_details', 'ride_confirmed'];
    const offsets = (await admin.fetchOffsets({ groupId, topics })).flatMap(({ partitions }) => partitions);
    expect(offsets.filter(({ offset }) => offset !== '-1')).toEqual([]);
  }
  for (const service of running.splice(0)) await service.stop();
  expect(await followerGroups()).toEqual([]);
});

test('groups of followers that were killed are swept away by the next one; those that live stay', async () => {
  const killed = kafka.consumer({ groupId: 'rides-follower-killed', maxWaitTimeInMs: 100 });
  await killed.connect();
  await killed.subscribe({ topics: ['ride_details'] });
  await killed.run({ eachMessage: async () => {} });
  await eventually(async () => expect(await it.log.members('rides-follower-killed')).toBe(1));
  await killed.disconnect(); // leaves without deleting it
  expect(await followerGroups()).toEqual(['rides-follower-killed']);
  const living = await start(0);
  await caughtUp(living);
  const [left, ...others] = await followerGroups();
  expect([left, others]).toEqual([expect.not.stringMatching(/killed$/), []]);
  await start(0);
  expect(await followerGroups()).toHaveLength(2);
});

test('a request that is known already is passed over, and reading goes on behind it', async () => {
  const [known, other] = [aRide(), aRide()];
  const { messages } = await start(1, (identity) => identity === known.id);
  const records = [known, other].map((ride) => ({ ...toPartition(0, ride), headers: { ce_id: ride.id } }));
  await it.log.write('ride_details', ...records);
  const identities = () => messages.map(({ received }) => received.identity);
  await eventually(() => expect(identities()).toContain(other.id));
  expect(identities()).not.toContain(known.id);
});
