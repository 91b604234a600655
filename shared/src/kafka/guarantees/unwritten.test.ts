import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../test/support/faults.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import { deadLetterTopic, type ReaderName, topology } from '../../topology.ts';
import { consume, consumeInto } from '../consume.ts';

// What becomes of a partition whose dead letter cannot be written.
const it = useBroker({ bare: true });
let faults: Faults;
let admin: Admin;
let producer: Producer;
beforeAll(async () => {
  faults = injectFaults();
  const kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
});
afterAll(async () => {
  faults.remove();
  await Promise.all([admin?.disconnect(), producer?.disconnect()]);
});
const running: TestService<ReaderName>[] = [];
afterEach(async () => {
  faults.heal();
  for (const service of running.splice(0)) await service.stop();
});

/** Starts a reader, and returns the ids of the rides that it was done with, in order. */
async function start(name: ReaderName, env: NodeJS.ProcessEnv = {}) {
  const service = testService(name, it.brokers, env);
  running.push(service);
  const handled: string[] = [];
  if (name === 'analytics')
    await consumeInto(service as TestService<'analytics'>, {
      offsets: () => new Map(),
      apply: (_partition, messages) => void handled.push(...messages.map(({ value }) => value.id)),
    });
  else
    await consume(service as TestService<'transaction'>, {
      handle: ({ value }) => {
        handled.push(value.id);
        return name === 'transaction' ? [confirm(value)] : (undefined as never);
      },
    });
  return { service, handled };
}
const rideFor = (name: ReaderName) => (name === 'transaction' ? aRide() : confirm(aRide()));
const write = (name: ReaderName, partition: number, ...values: (object | string)[]) =>
  producer.send({
    topic: topology[name].reads,
    messages: values.map((value) => toPartition(partition, value)),
  });
/** How many offsets a partition of a reader's dead-letter topic has. */
async function letters(name: ReaderName, partition: number) {
  const ends = await admin.fetchTopicOffsets(deadLetterTopic(name));
  const end = ends.find((one) => one.partition === partition);
  return Number(end?.high) - Number(end?.low);
}

test.each<ReaderName>(['email', 'analytics', 'transaction'])(
  'a deleted dead-letter topic is recreated, and %s continues with nothing lost and nothing handled twice',
  async (name) => {
    const { service, handled } = await start(name);
    const topic = deadLetterTopic(name);
    await admin.deleteTopics({ topics: [topic] });
    await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
    const [before, after, other] = [rideFor(name), rideFor(name), rideFor(name)];
    await write(name, 0, before, 'poison', after);
    await write(name, 1, other);
    await eventually(() => expect(handled).toEqual(expect.arrayContaining([before.id, after.id, other.id])));
    await eventually(async () => expect(await letters(name, 0)).toBeGreaterThanOrEqual(1));
    await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
    expect(service.lines).toContainEqual(
      expect.objectContaining({ topic, msg: expect.stringMatching(/recreated$/) }),
    );
    if (name !== 'transaction') expect(handled.filter((id) => id === before.id)).toHaveLength(1);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions).toHaveLength(3);
  },
);

test('a dead letter without an acknowledgement delays its partition visibly, and exists once', async () => {
  const { service, handled } = await start('email');
  // What others left on the topic is done: the answer that gets lost is that of this test's own dead letter.
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  const parkedBefore = await letters('email', 2);
  const waiting = () => service.metric('rideflow_partition_waiting');
  const lost = faults.loseOne('answer', 'Produce', 'email').then(() => faults.silence('Produce', 'email'));
  const [before, after, other] = [rideFor('email'), rideFor('email'), rideFor('email')];
  await write('email', 2, before, 'poison', after);
  await lost;
  await eventually(async () => expect(await waiting()).toBe(1));
  expect(service.lines).toContainEqual(
    expect.objectContaining({
      msg: 'failed; this partition waits and retries',
      reason: 'Kafka did not acknowledge 1 record for ride_confirmed.email.dlq/2 within 3 s',
    }),
  );
  await write('email', 1, other);
  await eventually(() => expect(handled).toContain(other.id)); // the others go on
  faults.heal();
  await eventually(async () => expect(await waiting()).toBe(0));
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  expect(handled.filter((id) => [before.id, after.id].includes(id))).toEqual([before.id, after.id]);
  expect(await letters('email', 2)).toBe(parkedBefore + 1);
});

test('a dead letter that Kafka rejects only delays its partition, with the reason, until Kafka accepts it', async () => {
  const { service, handled } = await start('analytics');
  const topic = deadLetterTopic('analytics');
  const limit = (bytes: string) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topic, configEntries: [{ name: 'max.message.bytes', value: bytes }] }],
    });
  await limit('1000');
  const [after, other] = [rideFor('analytics'), rideFor('analytics')];
  await write('analytics', 0, `poison ${'x'.repeat(5000)}`, after);
  await eventually(() =>
    expect(service.lines).toContainEqual(
      expect.objectContaining({
        reason: expect.stringMatching(/could not be written: .* larger than the max/),
      }),
    ),
  );
  await write('analytics', 1, other);
  await eventually(() => expect(handled).toContain(other.id));
  expect(handled).not.toContain(after.id);
  await limit('2097152');
  await eventually(() => expect(handled).toContain(after.id));
});
