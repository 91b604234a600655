import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../test/support/faults.ts';
import { testService } from '../../../test/support/service.ts';
import { allTopics, type ServiceName } from '../topology.ts';
import { ensureTopics } from './ensure-topics.ts';

const it = useBroker({ bare: true });
let admin: Admin;
let faults: Faults;
beforeAll(async () => {
  admin = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  faults = injectFaults();
});
afterAll(async () => {
  faults.remove();
  await admin.disconnect();
});

test('services that start at once on a brand-new cluster agree on the same topics', async () => {
  const names: ServiceName[] = ['rides', 'transaction', 'transaction', 'transaction', 'email', 'analytics'];
  const services = names.map((name) => testService(name, it.brokers, { PARTITIONS: '5' }));
  expect(await Promise.all(services.map(ensureTopics))).toEqual([5, 5, 5, 5, 5, 5]);

  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  expect(topics.sort()).toEqual(allTopics().sort());
  const { topics: described } = await admin.fetchTopicMetadata({ topics });
  expect(described.map(({ partitions }) => partitions.length)).toEqual([5, 5, 5, 5, 5]);
});

test('topics that exist keep their partitions, whatever this process would have chosen', async () => {
  const service = testService('transaction', it.brokers, { PARTITIONS: '2' });
  expect(await ensureTopics(service)).toBe(5);
  expect(service.lines).toEqual([]);
});

test('a dead-letter topic has room for the largest message and the reason', async () => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: 'ride_details.transaction.dlq', configNames: ['max.message.bytes'] }],
  });
  expect(resources[0]?.configEntries).toMatchObject([{ configValue: '2097152' }]);
});

test('a Kafka that is away is waited for', async () => {
  faults.cut();
  const service = testService('email', it.brokers);
  const ensured = ensureTopics(service);
  await eventually(() =>
    expect(service.lines).toContainEqual(
      expect.objectContaining({ msg: 'waiting for Kafka', brokers: it.brokers, reason: expect.any(String) }),
    ),
  );
  faults.heal();
  expect(await ensured).toBe(5);
});

test('topics of unequal numbers of partitions are refused, with the numbers', async () => {
  await admin.createPartitions({ topicPartitions: [{ topic: 'ride_confirmed', count: 6 }] });
  const refusal = await eventually(async () => {
    const refusal = await ensureTopics(testService('transaction', it.brokers)).catch(
      (error) => error.message,
    );
    expect(refusal).not.toBe(5); // the broker has not heard of its new partition yet
    return String(refusal);
  });
  expect(refusal).toMatch(
    /^the topics must have equal numbers of partitions, but .*; delete and create them anew$/,
  );
  for (const has of ['ride_details has 5', 'ride_confirmed has 6', 'ride_details.transaction.dlq has 5'])
    expect(refusal).toContain(has);
});
