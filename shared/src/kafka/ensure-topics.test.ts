import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../test/support/faults.ts';
import { type TestService, testService } from '../../../test/support/service.ts';
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

test('existing topics keep their partitions, regardless of PARTITIONS', async () => {
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

test('a service waits for an unavailable Kafka', async () => {
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

describe('while Kafka answers that it does not host a topic that it lists', () => {
  const require = createRequire(import.meta.url);
  const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
    createErrorFromCode(code: number): Error;
  };
  const { prototype } = require('kafkajs/src/broker') as { prototype: { metadata(): Promise<unknown> } };
  const unknownTopic = () => Promise.reject(createErrorFromCode(3));
  afterEach(() => void jest.restoreAllMocks());
  const messages = (service: TestService<'email'>, level: number) =>
    service.lines.filter((line) => line.level === level).map(({ msg }) => msg);

  test('a first answer is not a warning', async () => {
    jest.spyOn(prototype, 'metadata').mockImplementationOnce(unknownTopic);
    const service = testService('email', it.brokers);
    await ensureTopics(service);
    expect(messages(service, 20)).toContain('Kafka is not ready yet');
    expect(messages(service, 40)).toEqual([]);
  });

  test('the same answer after some seconds is a warning', async () => {
    const answers = jest.spyOn(prototype, 'metadata').mockImplementation(unknownTopic);
    const service = testService('email', it.brokers);
    const ensured = ensureTopics(service);
    await eventually(() => expect(messages(service, 40)).toEqual(['waiting for Kafka']));
    answers.mockRestore();
    await ensured;
  });
});

/**
 * Topics made by somebody else, before any service has started. Each request is repeated until Kafka shows what it asked for:
 * its answer may be late.
 */
async function given(topics: Record<string, number>) {
  await eventually(async () => {
    await admin.deleteTopics({ topics: Object.keys(await countsNow()) });
    expect(await countsNow()).toEqual({});
  });
  await eventually(async () => {
    await admin.createTopics({
      topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions })),
    });
    expect(await countsNow()).toEqual(topics);
  });
}
const countsNow = async () => {
  const { topics } = await admin.fetchTopicMetadata();
  return Object.fromEntries(
    topics
      .filter(({ name }) => !name.startsWith('__'))
      .map(({ name, partitions }) => [name, partitions.length]),
  );
};

test('missing topics get as many partitions as an existing topic, whichever service starts first', async () => {
  await given({ ride_details: 1 });
  const analytics = testService('analytics', it.brokers);
  expect(await ensureTopics(analytics)).toBe(1);
  expect(analytics.lines).toContainEqual(expect.objectContaining({ msg: 'created topics', partitions: 1 }));
  for (const name of ['rides', 'transaction', 'email'] as const)
    expect(await ensureTopics(testService(name, it.brokers))).toBe(1);
  expect(await countsNow()).toEqual(Object.fromEntries(allTopics().map((topic) => [topic, 1])));
});

test('topics with unequal numbers of partitions are rejected before anything is created, with the fix', async () => {
  await given({ ride_details: 1, ride_confirmed: 3 });
  for (const name of ['transaction', 'email', 'rides'] as const) {
    const refusal = await ensureTopics(testService(name, it.brokers)).catch((error) => error.message);
    expect(refusal).toBe(
      'the topics must have equal numbers of partitions, but ride_details has 1, ride_confirmed has 3. ' +
        'To give all of them 3 partitions without losing messages, run "npm run topics -- --partitions 3", or use Kafka\'s own tool: ' +
        '"kafka-topics.sh --bootstrap-server <host:port> --alter --partitions 3 --topic \'ride_details\'"',
    );
  }
  expect(await countsNow()).toEqual({ ride_details: 1, ride_confirmed: 3 });
});

describe('on three brokers', () => {
  const cluster = useBroker({ bare: true, nodes: 3 });

  /** What the topic itself says: the brokers of this cluster would choose 2 without it. */
  async function neededCopies(service: 'transaction' | 'email', topic: string, REPLICATION_FACTOR: string) {
    await ensureTopics(testService(service, cluster.brokers, { REPLICATION_FACTOR }));
    const admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    // The broker that is asked may hear of a new topic later than the others.
    const { resources } = await eventually(() =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic, configNames: ['min.insync.replicas'] }],
      }),
    );
    await admin.disconnect();
    const [entry] = (resources[0]?.configEntries ?? []) as { configSource: number; configValue: string }[];
    const ofTopic = 1;
    return entry?.configSource === ofTopic ? entry.configValue : null;
  }

  test('a write to a topic of three copies is acknowledged when two brokers have it, and one of them may be lost', async () => {
    expect(await neededCopies('transaction', 'ride_details', '3')).toBe('2');
  });

  test('a topic of one copy asks for no second one', async () => {
    expect(await neededCopies('email', 'ride_confirmed.email.dlq', '1')).toBeNull();
  });
});
