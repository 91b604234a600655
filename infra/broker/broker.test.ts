import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import kafkajs from 'kafkajs';
import { metadataVersion } from '../doctor/features.ts';
import { type Broker, startBroker } from './broker.ts';
import { dockerEngine, hasImage } from './dockerCli.ts';
import { kafkaIsFetched } from './kafkaHome.ts';
import { findJava, findMaven, run } from './tools.ts';
import { imageOf, PINNED_VERSION, versionOf } from './version.ts';

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
  const upgrade = (await usable[way](PINNED_VERSION)) && (await usable[way](versionBefore));

  describe(`a broker started the ${way} way${now ? '' : ', which this machine cannot go,'}`, () => {
    let broker: Broker;
    let folder: string;
    beforeAll(async () => {
      if (!now) return;
      folder = await mkdtemp(join(tmpdir(), 'rideflow-broker-'));
      broker = await startBroker({ dataDir: folder, env, way });
    });
    afterAll(async () => {
      if (!broker) return;
      await broker.freeze(0); // and it can be stopped nevertheless
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    });

    testIf(now)('keeps what it acknowledged when it is killed and started again', async () => {
      expect(broker.how).toContain(`Kafka ${version} runs`);
      await write(broker, 'before the kill');
      await broker.kill(0);
      await broker.restart(0);
      await write(broker, 'after the kill');
      expect(await readAll(broker, 2)).toEqual(['before the kill', 'after the kill']);
    });

    testIf(now)('answers nothing while it is frozen, and everything when it is thawed', async () => {
      await broker.freeze(0);
      const answer = levelOf(broker);
      expect(await Promise.race([answer, delay(500, 'none yet')])).toBe('none yet');
      await broker.thaw(0);
      expect(await answer).toBeGreaterThan(0);
    });

    testIf(now)('keeps places of groups longer than messages', async () => {
      await write(broker, 'a message');
      const admin = client(broker).admin();
      await admin.connect();
      try {
        const settingOf = async (type: number, name: string, setting: string) => {
          const resources = [{ type, name, configNames: [setting] }];
          const answer = await admin.describeConfigs({ resources, includeSynonyms: false });
          return Number(answer.resources[0]?.configEntries[0]?.configValue);
        };
        const { BROKER, TOPIC } = kafkajs.ConfigResourceTypes;
        const messages = (await settingOf(TOPIC, topic, 'retention.ms')) / 60_000;
        expect(messages).toBe(7 * 24 * 60);
        expect(await settingOf(BROKER, '1', 'offsets.retention.minutes')).toBeGreaterThan(messages);
      } finally {
        await admin.disconnect();
      }
    });

    testIf(upgrade)(
      `goes on with the data that Kafka ${versionBefore} left, when it is restarted and when it is started`,
      async () => {
        const start = (version: string) => startBroker({ dataDir, env, way, version, keepData: true });
        let broker = await start(versionBefore);
        try {
          expect(broker.how).toContain(`Kafka ${versionBefore} runs`);
          const level = await levelOf(broker);
          await write(broker, 'before the upgrade');
          await broker.stop();
          broker = await start(PINNED_VERSION);
          await write(broker, 'after the upgrade');
          await broker.restart(0, { version: versionBefore });
          expect(await levelOf(broker)).toBe(level);
          await broker.restart(0, { version: PINNED_VERSION });
          expect(await levelOf(broker)).toBeGreaterThan(level);
          expect(await readAll(broker, 2)).toEqual(['before the upgrade', 'after the upgrade']);
        } finally {
          await broker.stop();
          await forgetVolume();
        }
      },
    );

    testIf(upgrade)(`is refused as ${versionBefore} with data that a later version began`, async () => {
      const options = { dataDir, env, way, keepData: true };
      await startBroker({ ...options, version: PINNED_VERSION }).then(({ stop }) => stop());
      await expect(startBroker({ ...options, version: versionBefore })).rejects.toThrow(
        `The data in ${dataDir} was created by Kafka ${PINNED_VERSION}, and Kafka ${versionBefore} cannot read it`,
      );
      await forgetVolume();
    });
  });
}

(usableLocal ? test : test.skip)(
  'data survives a restart on other ports, with any folder name, even in a locale without UTF-8',
  async () => {
    const folder = join(dataDir, 'josé, 日本 #%41 "\'\\[x]{y}$(z)&;:=+');
    const options = { dataDir: folder, env: { ...env, LC_ALL: 'C' }, way: 'local' } as const;
    const first = await startBroker(options);
    await write(first, 'kept').finally(first.stop);
    const second = await startBroker(options);
    expect(await readAll(second, 1).finally(second.stop)).toEqual(['kept']);
  },
);

(usableLocal ? test : test.skip)('a port that is in use is named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(startBroker({ dataDir, env, ports: [port], way: 'local' })).rejects.toThrow(
    `Port ${port} is already taken`,
  );
  server.close();
});

test('the cluster in KAFKA_BROKERS is used, and never stopped or killed', async () => {
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

test('KAFKA_BROKERS may have spaces between its addresses', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const broker = await startBroker({ dataDir, env: { KAFKA_BROKERS: ` ${address}, ${address} ` } });
  expect(broker.brokers).toEqual([address, address]);
  server.close();
});

test('KAFKA_BROKERS without a port is an error that says what is accepted', async () => {
  await expect(startBroker({ dataDir, env: { KAFKA_BROKERS: 'kafka' } })).rejects.toThrow('host:port');
});

test('a folder where Java finds no jar is named, before anything is fetched', async () => {
  for (const [folder, sign] of [
    ['what!', '!'],
    ['😀', '😀'],
  ] as const)
    await expect(startBroker({ dataDir: join(dataDir, folder, 'kafka'), env, way: 'local' })).rejects.toThrow(
      usableLocal ? `Java cannot read ${join(dataDir, folder, 'kafka')}, with ${sign} in its path` : 'Java',
    );
});

test('a machine with neither Docker nor Java gets told both, and the remedies', async () => {
  const nothing = startBroker({ dataDir, env: { PATH: dataDir } });
  await expect(nothing).rejects.toThrow(
    /Docker is not installed, and Java is not installed.*start Docker; install Java 17 or newer and Maven; set KAFKA_BROKERS/s,
  );
});

const topic = 'notes';

function client(broker: Broker) {
  const config = readConfig(commonConfig('rides', 0), { KAFKA_BROKERS: broker.brokers.join() });
  return connect({ name: 'test', config, log: createLogger('test', 'silent') }, 'admin');
}

/** Removes what the Docker way keeps outside of the data folder. */
async function forgetVolume() {
  const [name] = (await readFile(join(dataDir, 'docker-volume-of-1'), 'utf8').catch(() => '')).split('\n');
  if (name) await run('docker', ['volume', 'rm', `${name}-1`], env);
}

/** The highest `metadata.version` of the broker: it differs from release line to release line. */
async function levelOf({ brokers: [address = ''] }: Broker): Promise<number> {
  const [host = '', port] = address.split(':');
  return (await metadataVersion(host, Number(port), false)) ?? Number.NaN;
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
