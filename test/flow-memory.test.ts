/** The flow process and its page look on for hours: their memory must not grow with what they have seen. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Feed, type FeedEntry, instant } from '@rideflow/shared/feed.ts';
import express from 'express';
import { Kafka, logLevel } from 'kafkajs';
import type { System } from '../infra/system/system.ts';
import { fill } from './bench/fill.ts';
import { watchMemory } from './faults/memory.ts';
import { useBroker } from './support/broker.ts';
import { browserThere, openPage, startBrowser } from './support/browser.ts';
import { createSystem } from './support/create-system.ts';
import { eventually } from './support/eventually.ts';
import { sumOf } from './support/flow-page.ts';
import { listenTo } from './support/listener.ts';

const it = useBroker();
const rides = 100_000;
/** Resident memory, in MB. */
const limit = 160;
/** Of the page, which keeps the last five minutes: its JavaScript heap, in MB. */
const limitOfPage = 200;
let system: System;
/** Tells of every ride, as the services do. */
const feed = new Feed('rideflow-email-1', () => ({
  service: 'email',
  pid: process.pid,
  startedAt: Date.now(),
  guarantee: 'at-least-once',
  topic: 'ride_confirmed',
  pace: null,
  held: [],
  crashPoint: null,
  ready: [],
}));
let server: Server;
beforeAll(async () => {
  const app = express().get('/feed', (request, response) => feed.serve(request, response));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  feed.stop();
  server.closeAllConnections();
  server.close();
  await system?.stop();
});

test(`flow follows ${rides} rides and their decisions, with a page open, within ${limit} MB, and the page within ${limitOfPage} MB`, async () => {
  const FEEDS = `email=http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  system = await createSystem(it.brokers, { extra: { flow: { FEEDS } } });
  // The first start fills the cache of compiled code: without it, the compiler's 25 MB stay.
  system.run('flow');
  await system.ready('flow');
  await system.end('flow', 'SIGTERM');
  const most = watchMemory(system.run('flow').pid);
  await system.ready('flow');
  await followsEachMessage(`${system.url('flow')}`);
  const page = await (browserThere ? inBrowser : withoutBrowser)(`${system.url('flow')}`);
  const kafka = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING });
  const run = randomUUID();
  await it.log.stop(); // it would read all of it
  await eventually(() => expect(feed.listeners).toBe(1));
  const told = setInterval(() => {
    for (let i = 0; i < 100 && number < 2 * rides; i++) feed.tell(nextEntry()); // two of each decision
  }, 10);
  await Promise.all([
    fill(kafka, 'ride_details', rides, 3, run),
    fill(kafka, 'ride_confirmed', rides, 3, run),
  ]);
  await eventually(
    async () => expect(await page.totals()).toMatchObject({ accepted: rides, 'in flight': 0, twice: 0 }),
    300_000, // where others use the machine, flow gets a small share of it
  );
  clearInterval(told);
  const mb = Math.round(most());
  const heap = await page.heap();
  await page.close();
  expect(mb).toBeLessThanOrEqual(limit);
  expect(heap).toBeLessThanOrEqual(limitOfPage);
}, 420_000);

/** At its start, flow passes over all but the latest messages; from then on it follows each. */
async function followsEachMessage(url: string) {
  const listener = await listenTo(`${url}/events`);
  await eventually(() => expect(listener.events.some(({ data }) => data.broker?.up)).toBe(true));
  await listener.close();
}

/** A page that somebody looks at. */
async function inBrowser(url: string) {
  const browser = await startBrowser();
  const { page } = await openPage(browser, url);
  await page.evaluate(
    'highest = 0; setInterval(() => { highest = Math.max(highest, performance.memory.usedJSHeapSize) }, 100)',
  );
  return {
    totals: async () => ({
      ...(await sumOf(page)),
      twice: (await page.locator('.verdict.ok').count()) === 1 ? 0 : 1,
    }),
    /** The highest since then, in MB. */
    heap: async () => Math.round(Number(await page.evaluate('highest / 1e6'))),
    close: () => browser.close(),
  };
}

async function withoutBrowser(url: string) {
  const listener = await listenTo(`${url}/events`);
  return {
    totals: async () => {
      const { inFlight, ...others } = listener.events.findLast(({ data }) => data.totals)?.data.totals ?? {};
      return { ...others, 'in flight': inFlight };
    },
    heap: async () => 0,
    close: () => listener.close(),
  };
}

let number = 0;
function nextEntry(): FeedEntry {
  const at = instant();
  const offset = String(Math.floor(number / 6));
  const partition = number++ % 3;
  const coordinates = { topic: 'ride_confirmed', partition, offset };
  return { ...coordinates, ride: null, what: 'done', attempt: 1, at, since: at - 5 };
}
