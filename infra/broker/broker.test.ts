import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import { type Broker, startBroker } from './broker.ts';
import { dockerEngine, hasImage } from './dockerCli.ts';
import { findJava } from './tools.ts';

const env = { ...process.env, KAFKA_BROKERS: undefined };
const java = (await findJava(env))?.major ?? 0;
const usable = {
  local: java >= 17,
  docker: 'version' in (await dockerEngine(env)) && (await hasImage(env)),
};

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rideflow-broker-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

describe.each(['local', 'docker'] as const)('a broker started the %s way', (way) => {
  if (!usable[way]) {
    test.skip(`is not tried, because this machine lacks ${way === 'local' ? 'Java 17' : 'Docker with the image'}`, () => {});
    return;
  }

  test('keeps what it acknowledged when it is killed and started again', async () => {
    const broker = await startBroker({ dataDir, env, way });
    try {
      await write(broker, 'before the kill');
      await broker.kill(0);
      await broker.restart(0);
      await write(broker, 'after the kill');
      expect(await readAll(broker, 2)).toEqual(['before the kill', 'after the kill']);
    } finally {
      await broker.stop();
    }
  }, 120_000);
});

(usable.local ? test : test.skip)(
  'data survives a stop and a start on other ports',
  async () => {
    const first = await startBroker({ dataDir, env, way: 'local' });
    await write(first, 'kept').finally(first.stop);
    const second = await startBroker({ dataDir, env, way: 'local' });
    expect(await readAll(second, 1).finally(second.stop)).toEqual(['kept']);
  },
  120_000,
);

(usable.local ? test : test.skip)(
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
