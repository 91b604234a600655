import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { documents } from '@rideflow/shared/http/page.ts';
import type { Browser } from 'playwright-core';
import { browserThere, openPage, sayBrowserMissing, startBrowser } from '../../../../test/support/browser.ts';
import { FakeLog, startRides } from '../fixtures.ts';

sayBrowserMissing('The tests of the API viewer');
const testInBrowser = browserThere ? test : test.skip;

let browser: Browser;
let log: FakeLog;
let rides: Awaited<ReturnType<typeof startRides>>;
beforeAll(async () => {
  if (browserThere) browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  log = new FakeLog();
  rides = await startRides(log);
});
afterEach(() => rides.stop());

testInBrowser(
  'who tries the API in its viewer books rides, and nothing is asked of any other host',
  async () => {
    const { page, wrong } = await openPage(browser, `${rides.url}/docs`);
    const book = page.locator('#operations-rides-bookRide');
    await book.getByText('Book a ride').click();
    for (const count of [1, 2]) {
      await book.getByRole('button', { name: 'Execute' }).click();
      await book
        .locator('.live-responses-table')
        .getByText(`"offset": "${count - 1}"`)
        .waitFor();
      expect(log.rides).toHaveLength(count);
    }
    expect(log.rides[0]).toMatchObject({ customer_id: 'user_1', location: { lat: 12.97, long: 77.59 } });
    expect(wrong).toEqual([]);
    await page.close();
  },
);

test('the page of the messages has each topic, who uses it, and each field of each message', async () => {
  const response = await fetch(`${rides.url}/docs/messages`);
  const page = (await response.text()).replaceAll(/<br>|<\/?span[^>]*>/g, '');
  const { channels, operations, components } = JSON.parse(readFileSync(documents.asyncApi, 'utf8'));
  for (const topic of Object.keys(channels)) expect(page).toContain(`Topic <code>${topic}</code>`);
  const users = (Object.values(operations) as { title: string }[]).map(({ title }) =>
    title.replace(/ \S+$/, ''),
  );
  for (const user of users) expect(page).toContain(`<td>${user}</td>`);
  for (const { headers } of Object.values(components.messages) as { headers: { properties: object } }[])
    for (const name of Object.keys(headers.properties)) expect(page).toContain(`<td><code>${name}</code>`);
  for (const name of Object.keys(components.schemas.RideConfirmed.properties))
    expect(page).toContain(`<td><code>${name}</code>`);
  expect(page).toContain('<td><code>location.lat</code></td><td>number, double, from -90 to 90</td>');
  expect(page).toContain('<code>payment_token</code>optional</td>');
});

test('every link of the pages about the interfaces leads somewhere', async () => {
  for (const from of ['/docs', '/docs/messages', '/problems']) {
    const page = await (await fetch(rides.url + from)).text();
    const links = [...page.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, link]) => link as string);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/docs/messages', '/problems', '/style.css']));
    for (const link of links) expect([link, (await fetch(rides.url + link)).status]).toEqual([link, 200]);
    for (const [, id] of page.matchAll(/href="#([^"]*)"/g)) expect(page).toContain(`id="${id}"`);
  }
});
