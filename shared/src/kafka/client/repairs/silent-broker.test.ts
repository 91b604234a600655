import { createRequire } from 'node:module';
import net, { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { useBroker } from '../../../../../test/support/broker.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../../test/support/faults.ts';
import { Kafka, logLevel } from '../kafkajs.ts';

const it = useBroker();
let faults: Faults;
/** Accepts connections and answers nothing, as a frozen broker does. */
const silent = createServer((socket) => void sockets.push(socket.on('error', () => {})));
const sockets: Socket[] = [];
beforeAll(async () => {
  faults = injectFaults();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  faults.remove();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const kafka = (...brokers: string[]) =>
  new Kafka({
    clientId: 'rideflow-silence',
    brokers,
    requestTimeout: 1000,
    connectionTimeout: 1000,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10, retries: 8 },
  });

test('a client uses the next broker if the first one is silent', async () => {
  const { port } = silent.address() as AddressInfo;
  const admin = kafka(`127.0.0.1:${port}`, ...it.brokers).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers).toHaveLength(1);
  expect(sockets.length).toBeGreaterThan(0);
  await admin.disconnect();
});

test('an unanswered request closes its connection and is sent again over another one', async () => {
  const producer = kafka(...it.brokers).producer({ allowAutoTopicCreation: false });
  const send = (value: string) => producer.send({ topic: 'ride_details', messages: [{ value }] });
  await producer.connect();
  await send('before');
  const connect = jest.spyOn(net, 'connect');
  faults.silence('Produce', 'silence');
  const sent = send('after');
  await eventually(() => expect(faults.sent('Produce', 'silence')).toBeGreaterThan(2));
  expect(connect.mock.calls.length).toBeGreaterThan(0);
  faults.heal();
  await expect(sent).resolves.toHaveLength(1);
  connect.mockRestore();
  await producer.disconnect();
});

const require = createRequire(import.meta.url);
const BrokerPool = require('kafkajs/src/cluster/brokerPool');

test('a connected broker is asked for the coordinator, and others only if it does not know', async () => {
  const asked: string[] = [];
  const ask = async ({ nodeId }: { nodeId: string }) => {
    asked.push(nodeId);
    if (nodeId === '2') throw new Error('it does not know');
    return nodeId;
  };
  const broker = (connected: boolean) => ({ isConnected: () => connected });
  const pool = {
    brokers: { 1: broker(false), 2: broker(true), 3: broker(false) },
    async findBroker({ nodeId }: { nodeId: string }) {
      if (nodeId === '1') throw new Error('it cannot be reached');
      return {};
    },
  };
  for (let time = 0; time < 20; time++) {
    expect(await BrokerPool.prototype.withBroker.call(pool, ask)).toBe('3');
    expect(asked.splice(0)).toEqual(['2', '3']);
  }
});
