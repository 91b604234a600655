import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bar } from '@rideflow/shared/http/bar.ts';
import { serveLook } from '@rideflow/shared/http/page.ts';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { freePorts } from '../infra/broker/ports.ts';
import { createDemandModel } from '../services/analytics/src/demand-model.ts';
import { received, rejected } from '../services/analytics/src/fixtures.ts';
import { mountRoutes } from '../services/analytics/src/routes.ts';
import { Store } from '../services/analytics/src/store.ts';
import { mailboxRoutes } from '../services/flow/src/mailbox.ts';
import { FakeLog, startRides } from '../services/rides/src/fixtures.ts';
import { seriousOn } from './support/axe.ts';
import { browserThere, patience, sayBrowserMissing, startBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';

sayBrowserMissing('The tests with axe-core');
const testInBrowser = browserThere ? test : test.skip;

let browser: Browser;
let rides: Awaited<ReturnType<typeof startRides>>;
let statistics: string;
let mailbox: string;
let flow: string;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  if (!browserThere) return;
  browser = await startBrowser();
  rides = await startRides(new FakeLog());
  [statistics, mailbox, flow] = await Promise.all([startStatistics(), startMailbox(), startFlow()]);
  stops.push(
    () => browser.close(),
    () => rides.stop(),
  );
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function serve(mount: (app: express.Express) => void): Promise<string> {
  const app = express();
  serveLook(app);
  mount(app);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function startStatistics(): Promise<string> {
  const store = new Store({ file: ':memory:', createModel: () => createDemandModel(5, Date.now) });
  const counted = Array.from({ length: 60 }, (_, offset) => {
    const at = Date.now() - (60 - offset) * 20_000;
    return received(offset, {
      at,
      ...(offset % 9 === 0 ? rejected : { alloted_driver: `driver_${offset % 4}` }),
    });
  });
  store.apply(0, counted, '60');
  stops.push(() => store.close());
  const pages = { flow: 'http://flow.example', rides: 'http://rides.example', analytics: '' };
  return serve((app) => {
    app.get('/readyz', (_request, response) => void response.json({ status: 'ready' }));
    mountRoutes(app, store, Date.now, pages);
  });
}

const startMailbox = () =>
  serve((app) => {
    const pages = { flow: '', rides: 'http://rides.example', analytics: 'http://statistics.example' };
    mailboxRoutes(app, {
      inside: 'http://127.0.0.1:1',
      outside: 'http://127.0.0.1:1',
      bar: bar(pages, 'Mailbox'),
    });
  });

/** The flow page, as it was built, before the made-up system of its development server. */
async function startFlow(): Promise<string> {
  const [port = 0] = await freePorts(1);
  const root = join(import.meta.dirname, '..');
  const args = [
    'node_modules/vite/bin/vite.js',
    'preview',
    'services/flow/page',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--strictPort',
  ];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  stops.push(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(url)).status).toBe(200));
  return url;
}

/** Each page: where it is, and what is done on it before it is looked at. */
const pages: [string, () => string, (page: Page) => Promise<unknown>][] = [
  ['the form and the list of rides', () => rides.url, loaded],
  ['one ride', () => rides.url, bookOne],
  ['a ride that was refused', () => rides.url, bookWrong],
  [
    'the API viewer',
    () => `${rides.url}/docs`,
    (page) => page.locator('#operations-rides-bookRides').waitFor(),
  ],
  ['the API viewer, while an operation is tried', () => `${rides.url}/docs`, tryOne],
  ['the messages on Kafka', () => `${rides.url}/docs/messages`, loaded],
  ['the problems', () => `${rides.url}/problems`, loaded],
  ['an unknown address', () => `${rides.url}/nothing`, loaded],
  ['the statistics', () => statistics, (page) => page.locator('#figures').waitFor()],
  ['the mailbox', () => `${mailbox}/mailbox`, loaded],
  ['the flow page, while rides flow', () => `${flow}/?state=some`, flowing],
  ['the flow page, frozen, with rides side by side', () => `${flow}/?state=some`, comparing],
  ['the flow page, with what can be made to fail', () => `${flow}/?state=empty`, failing],
];

async function loaded() {}
async function bookOne(page: Page) {
  await page.getByRole('button', { name: 'Book a ride' }).click();
  await page.locator('#way').getByText('ride_details/0/').waitFor();
  await page.locator('#rides a').first().waitFor();
}
async function bookWrong(page: Page) {
  await page.getByLabel('Latitude').fill('north');
  await page.getByRole('button', { name: 'Book a ride' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
}
async function tryOne(page: Page) {
  const book = page.locator('#operations-rides-bookRide');
  await book.getByText('Book a ride').click();
  await book.getByRole('button', { name: 'Execute' }).click();
  await book.locator('.live-responses-table').waitFor();
}
async function flowing(page: Page) {
  await page.getByRole('slider').first().waitFor();
  await page.getByRole('tab', { name: 'Numbers' }).click();
}
async function comparing(page: Page) {
  await page.getByRole('button', { name: 'Book a ride' }).first().click();
  await page.getByRole('button', { name: 'Play slowly' }).click();
  await page.locator('.token span').waitFor();
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('button', { name: 'Freeze the picture' }).click();
  await page.getByRole('button', { name: /^Compare with/ }).click();
  await page.locator('.columns > section').nth(1).waitFor();
}
async function failing(page: Page) {
  await page.getByRole('button', { name: 'Make it fail' }).click();
}

testInBrowser.each(pages)('%s: axe-core finds nothing serious, light or dark', async (_name, url, before) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(patience);
  await page.goto(url());
  await before(page);
  const found: Record<string, string[]> = {};
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found[colorScheme] = await seriousOn(page);
  }
  expect(found).toEqual({ light: [], dark: [] });
  await page.close();
});
