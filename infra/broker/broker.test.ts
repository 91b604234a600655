import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import { metadataVersion } from '../doctor/features.ts';
import { type Broker, startBroker } from './broker.ts';
import { dockerEngine, hasImage } from './dockerCli.ts';
import { kafkaIsFetched } from './kafkaHome.ts';
import { findJava, findMaven } from './tools.ts';
import { imageOf, versionOf } from './version.ts';

const env = { ...process.env, KAFKA_BROKERS: undefined };
/** That of the release before; its data is there where somebody takes the new release. */
const versionBefore = '4.2.1';
const java = (await findJava(env))?.major ?? 0;
const hasMaven = (await findMaven(env)) !== undefined;
const hasDocker = 'version' in (await dockerEngine(env));
/** True when a broker of that version can be started here. */
const usable = {
  local: async (version: string) => java >= 17 && (hasMaven || kafkaIsFetched(version)),
  docker: async (version: string) => hasDocker && (await hasImage(env, imageOf(version))),
};
const version = versionOf(env);
const usableLocal = await usable.local(version);

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rideflow-broker-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

for (const way of ['local', 'docker'] as const) {
  const testIf = (possible: boolean) => (possible ? test : test.skip);
  const now = await usable[way](version);
  const before = now && (await usable[way](versionBefore));

  describe(`a broker started the ${way} way${now ? '' : ', which this machine cannot go,'}`, () => {
    testIf(now)(
      'keeps what it acknowledged when it is killed and started again',
      async () => {
        const broker = await startBroker({ dataDir, env, way });
        try {
          expect(broker.how).toContain(`Kafka ${version} runs`);
          await write(broker, 'before the kill');
          await broker.kill(0);
          await broker.restart(0);
          await write(broker, 'after the kill');
          expect(await readAll(broker, 2)).toEqual(['before the kill', 'after the kill']);
        } finally {
          await broker.stop();
        }
      },
      120_000,
    );

    testIf(now)(
      'answers nothing while it is frozen, and everything when it is thawed',
      async () => {
        const broker = await startBroker({ dataDir, env, way });
        try {
          await broker.freeze(0);
          const answer = levelOf(broker);
          expect(await Promise.race([answer, delay(500, 'none yet')])).toBe('none yet');
          await broker.thaw(0);
          expect(await answer).toBeGreaterThan(0);
          await broker.freeze(0); // and can be stopped nevertheless
        } finally {
          await broker.stop();
        }
      },
      120_000,
    );

    testIf(before)(
      `takes over the data of Kafka ${versionBefore}`,
      async () => {
        const broker = await startBroker({ dataDir, env, way, version: versionBefore });
        try {
          expect(broker.how).toContain(`Kafka ${versionBefore} runs`);
          await write(broker, 'before the upgrade');
          const level = await levelOf(broker);
          await broker.restart(0, { version });
          expect(await levelOf(broker)).toBeGreaterThan(level ?? 0);
          await write(broker, 'after the upgrade');
          expect(await readAll(broker, 2)).toEqual(['before the upgrade', 'after the upgrade']);
        } finally {
          await broker.stop();
        }
      },
      180_000,
    );
  });
}

(usableLocal ? test : test.skip)(
  'data survives a stop and a start on other ports',
  async () => {
    const first = await startBroker({ dataDir, env, way: 'local' });
    await write(first, 'kept').finally(first.stop);
    const second = await startBroker({ dataDir, env, way: 'local' });
    expect(await readAll(second, 1).finally(second.stop)).toEqual(['kept']);
  },
  120_000,
);

(usableLocal ? test : test.skip)(
  'a port that is taken is named',
  async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(startBroker({ dataDir, env, ports: [port], way: 'local' })).rejects.toThrow(
      `Port ${port} is already taken`,
    );
    server.close();
  },
  30_000,
);

test('KAFKA_BROKERS is used as it is, and never stopped or killed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const broker = await startBroker({ dataDir, env: { KAFKA_BROKERS: address } });
  expect(broker).toMatchObject({ brokers: [address], how: expect.stringContaining('KAFKA_BROKERS') });
  await expect(broker.kill(0)).rejects.toThrow('was not started here');
  await broker.stop();
  expect(server.listening).toBe(true);
  server.close();
});

test('KAFKA_BROKERS that leads nowhere is an error that shows it', async () => {
  const unused = createServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const address = `127.0.0.1:${(unused.address() as AddressInfo).port}`;
  unused.close();
  await once(unused, 'close');
  await expect(startBroker({ dataDir, env: { KAFKA_BROKERS: address } })).rejects.toThrow(address);
});

test('KAFKA_BROKERS without a port is an error that says what is accepted', async () => {
  await expect(startBroker({ dataDir, env: { KAFKA_BROKERS: 'kafka' } })).rejects.toThrow('host:port');
});

test('a machine with neither Docker nor Java gets told both, and the remedies', async () => {
  const nothing = startBroker({ dataDir, env: { PATH: dataDir } });
  await expect(nothing).rejects.toThrow(
    /no docker command, and there is no Java.*start Docker; install Java 17 or newer and Maven; set KAFKA_BROKERS/s,
  );
});

const topic = 'notes';

function client(broker: Broker) {
  const config = readConfig(commonConfig('rides', 0), { KAFKA_BROKERS: broker.brokers.join() });
  return connect({ name: 'test', config, log: createLogger('test', 'silent') }, 'admin');
}

/** The highest `metadata.version` of the broker: it differs from release line to release line. */
function levelOf({ brokers: [address = ''] }: Broker) {
  const [host = '', port] = address.split(':');
  return metadataVersion(host, Number(port), false);
}

async function write(broker: Broker, value: string) {
  const kafka = client(broker);
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic))
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [{ value }] });
  } finally {
    await admin.disconnect();
    await producer.disconnect();
  }
}

async function readAll(broker: Broker, count: number): Promise<string[]> {
  const consumer = client(broker).consumer({ groupId: `reader-${count}` });
  const values: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(String(message.value));
      if (values.length === count) resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return values;
}
