/** `npm run pictures`: takes the pictures of the README's walk-through, from a running system that it starts for that. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { freePorts } from '../infra/broker/ports.ts';
import { serviceNames } from '../infra/system/system.ts';
import { browserThere, startBrowser } from './support/browser.ts';
import { project } from './support/copy.ts';
import { eventually } from './support/eventually.ts';
import { control as askControls, stepIntoTransaction } from './support/flow-page.ts';
import { startTestSystem } from './support/system.ts';

/** Of the second process of transaction: flow is told where its feed is. */
const [secondPort = 0] = await freePorts(1);

const folder = join(project, 'services/flow/pictures');
if (!browserThere) throw new Error('no browser: CHROMIUM can name one');

await mkdir(folder, { recursive: true });
const it = await startTestSystem(undefined, { flow: true });
await alsoReadTheFeedAt(secondPort);
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  await page.goto(it.system.url('flow'));
  await oneRide(page);
  await openTransaction(page);
  await killed(page);
  await rebalance(page);
  await twice(page);
  await deadLetter(page);
} finally {
  await browser.close();
  await it.stop();
}

/** As `npm start` does when it starts another process. */
async function alsoReadTheFeedAt(port: number) {
  const feeds = serviceNames.map((name) => `${name}=${it.system.url(name)}`);
  it.system.choose('flow', { FEEDS: [...feeds, `transaction=http://localhost:${port}`].join() });
  await it.system.end('flow', 'SIGTERM');
  it.system.run('flow');
  await it.system.ready('flow');
}

async function oneRide(page: Page) {
  await page.getByRole('button', { name: 'Book a ride' }).first().click();
  await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor();
  await take(page, 'one-ride');
}

/** A customer's rides, three of them, and the last stopped between its decision and the commit. */
async function openTransaction(page: Page) {
  for (let n = 0; n < 12; n++) await it.book(ride(`user_${n}`));
  await settled(page);
  await control('PUT', '/pace/transaction', { delay: 0, paused: false, step: true });
  const { id } = await it.book(ride('user_3'));
  await page.goto(`${it.system.url('flow')}/rides/${id}`);
  await stepIntoTransaction(it.system.url('flow'));
  await page.locator('.timeline > li.open').waitFor();
  await take(page, 'open-transaction');
}

/** The process dies with that transaction open; whoever comes after it finds it aborted, and decides anew. */
async function killed(page: Page) {
  it.system.children.get('transaction')?.signal('SIGKILL');
  await page.locator('.timeline > li', { hasText: 'aborted' }).first().waitFor({ timeout: 60_000 });
  await page.locator('.timeline > li.done', { hasText: 'mailed' }).waitFor({ timeout: 60_000 });
  await take(page, 'aborted');
}

async function rebalance(page: Page) {
  await page.goto(it.system.url('flow'));
  it.system.run('transaction', { as: 'transaction-2', port: secondPort }, {});
  // Each has partitions: the second pill names them, too.
  await page
    .locator('.pill.alive', { hasText: /transaction-\d+.*p\d/ })
    .nth(1)
    .waitFor({ timeout: 90_000 });
  await control('PUT', '/pace/email', { delay: 400, paused: false, step: false });
  for (let n = 0; n < 30; n++) await it.book(ride(`user_${n}`));
  await take(page, 'two-processes');
  await control('PUT', '/pace/email', { delay: 0, paused: false, step: false });
  await it.system.end('transaction-2', 'SIGTERM', true);
}

async function twice(page: Page) {
  await settled(page);
  await it.system.end('transaction', 'SIGTERM');
  it.system.choose('transaction', { GUARANTEE: 'at-least-once' });
  const dying = it.system.run('transaction', undefined, { CRASH_AT: 'after-produce' });
  await it.system.ready('transaction');
  await it.book(ride('user_7'));
  await eventually(() => {
    if (dying.running) throw new Error('transaction is still there');
  });
  it.system.run('transaction');
  await page.locator('.violations button').first().click({ timeout: 60_000 });
  await page.locator('.timeline > li.done', { hasText: 'mailed' }).first().waitFor();
  await take(page, 'twice');
}

async function deadLetter(page: Page) {
  await control('POST', '/poison', { kind: 'wrong-field' });
  await page.goto(it.system.url('flow'));
  await page.getByRole('tab', { name: /Dead letters/ }).click();
  await page.locator('.letters li').first().waitFor({ timeout: 60_000 });
  await take(page, 'dead-letter');
}

async function settled(page: Page) {
  await page.locator('.equation span', { hasText: /in flight 0$/ }).waitFor({ timeout: 60_000 });
}

async function take(page: Page, name: string) {
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`services/flow/pictures/${name}.png`);
}

function control(method: string, path: string, body?: object) {
  return askControls(it.system.url('flow'), method, path, body);
}

function ride(customer: string) {
  return { customer_id: customer, location: { lat: 12.97, long: 77.59 } };
}
