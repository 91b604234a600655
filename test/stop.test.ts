/** SIGTERM while Kafka is away, wherever a service is in its life. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureTopics } from '@rideflow/shared/kafka/ensure-topics.ts';
import type { ServiceName } from '@rideflow/shared/topology.ts';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from '../infra/broker/ports.ts';
import { useBroker } from './support/broker.ts';
import { type Child, startChild } from './support/child.ts';
import { eventually } from './support/eventually.ts';
import { type Mailbox, startMailbox } from './support/mailbox.ts';
import { aRide, confirm, toPartition } from './support/rides.ts';
import { testService } from './support/service.ts';
import { spentOn } from './support/spent.ts';

const names = ['rides', 'transaction', 'email', 'analytics', 'flow'] as const satisfies ServiceName[];
/** In milliseconds. */
const longest = 5000;

let folder: string;
let mailbox: Mailbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rideflow-'));
  mailbox = await startMailbox();
  mailbox.afterTaking = () => 'hang'; // so that email has mails in hand
});
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});
afterAll(async () => {
  await mailbox.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(name: ServiceName, brokers: string[]): Child {
  const child = startChild(join(import.meta.dirname, `../services/${name}/src/main.ts`), {
    KAFKA_BROKERS: brokers.join(),
    SMTP_URL: `smtp://localhost:${mailbox.port}`,
    DATABASE: join(folder, `${children.length}.sqlite`),
  });
  children.push(child);
  return child;
}

/** All of them at once, as a supervisor would. */
async function expectCleanEnds(running: Map<ServiceName, Child>) {
  const ends = [...running].map(async ([name, child]) => {
    child.process.kill('SIGTERM');
    const took = await spentOn(() => child.ended);
    const status = await child.ended;
    const said = child.lines.filter(({ level }) => Number(level) >= 50).map(({ msg, what }) => [msg, what]);
    return { name, status, inTime: took < longest, said, last: child.lines.at(-1)?.msg };
  });
  expect(await Promise.all(ends)).toEqual(
    [...running.keys()].map((name) => ({ name, status: 0, inTime: true, said: [], last: 'stopped' })),
  );
}

describe('a service that still waits for Kafka ends with 0 within 5 s', () => {
  test('where nothing listens', async () => {
    const [port] = await freePorts(1);
    const running = new Map(names.map((name) => [name, start(name, [`127.0.0.1:${port}`])]));
    for (const [name, child] of running)
      await child.logged(name === 'flow' ? 'listening' : 'waiting for Kafka');
    await expectCleanEnds(running);
  });

  test('where something accepts connections and never answers', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const running = new Map(names.map((name) => [name, start(name, [`127.0.0.1:${port}`])]));
      for (const child of running.values()) await child.logged('listening');
      await eventually(() => expect(sockets.size).toBeGreaterThanOrEqual(names.length));
      await expectCleanEnds(running);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

describe('a service that loses Kafka with work in progress ends with 0 within 5 s', () => {
  // Not one of the shared brokers: these services leave open transactions.
  const it = useBroker({ bare: true, nodes: 1 });

  /** Starts all services, and leaves each with more to do than it can finish. */
  async function startBusy() {
    for (const name of ['transaction', 'email', 'analytics'] as const)
      await ensureTopics(testService(name, it.brokers));
    const running = new Map(names.map((name) => [name, start(name, it.brokers)]));
    for (const [name, child] of running) await child.sent({ ready: name });
    const kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const write = (topic: string, make: () => object) =>
      producer.send({ topic, messages: Array.from({ length: 3000 }, (_, i) => toPartition(i % 3, make())) });
    await write('ride_confirmed', () => confirm(aRide()));
    await eventually(() => expect(mailbox.mails.length).toBeGreaterThan(0));
    await write('ride_details', aRide);
    await producer.disconnect();
    const listening = (await running.get('rides')?.logged('listening'))?.port;
    const book = () =>
      fetch(`http://127.0.0.1:${listening}/rides`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ customer_id: 'user_1', location: { lat: 1, long: 2 } }),
      }).then(
        ({ status }) => status,
        () => null,
      );
    return { running, book };
  }

  test.each([
    ['killed', 'at once'],
    ['killed', 'when it is noticed'],
    ['frozen', 'at once'],
    ['frozen', 'when it is noticed'],
  ])('where the broker was %s, %s', async (how, when) => {
    const { running, book } = await startBusy();
    await (how === 'killed' ? it.kill(0) : it.freeze(0));
    try {
      const booked = book(); // has no answer yet, or 503
      if (when === 'when it is noticed') await eventually(async () => expect(await book()).toBe(503));
      await expectCleanEnds(running);
      await booked;
    } finally {
      mailbox.mails.splice(0);
      await (how === 'killed' ? it.restart(0) : it.thaw(0));
    }
  });
});
