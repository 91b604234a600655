import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Unavailable } from '@rideflow/shared/kafka/publish.ts';
import type { Browser, Page } from 'playwright-core';
import { browserThere, sayBrowserMissing, startBrowser } from '../../../test/support/browser.ts';
import { at, decision, FakeLog, ride, startRides } from './fixtures.ts';

sayBrowserMissing('The tests of the rides page');
const testInBrowser = browserThere ? test : test.skip;

let browser: Browser;
let page: Page;
let log: FakeLog;
let rides: Awaited<ReturnType<typeof startRides>>;
/** Requests that went elsewhere, and errors in the page's console. */
let wrong: string[];

beforeAll(async () => {
  if (browserThere) browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  if (!browserThere) return;
  log = new FakeLog();
  rides = await startRides(log);
  wrong = [];
  page = await browser.newPage({ reducedMotion: 'reduce' });
  page.on('request', (request) => void (request.url().startsWith(rides.url) || wrong.push(request.url())));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      wrong.push(message.text());
  });
  await page.goto(rides.url);
});
afterEach(async () => {
  if (!browserThere) return;
  await page.close();
  await rides.stop();
  expect(wrong).toEqual([]);
});

const see = (text: string | RegExp, within = 'main') =>
  page.locator(within).getByText(text).first().waitFor();
const book = () => page.getByRole('button', { name: 'Book a ride' }).click();

function decide(more: Parameters<typeof decision>[1] = {}) {
  const { id } = log.rides.at(-1) ?? ride('');
  const value = decision(id, more);
  rides.view.decision({
    value,
    identity: 'd',
    causeId: id,
    coordinates: at(7, 'ride_confirmed'),
    timestamp: Date.now(),
  });
}

testInBrowser(
  'a booked ride is stored at its coordinates, and then shows its driver and minutes',
  async () => {
    await book();
    await see('ride_details/0/0', '#way');
    await see(/waits for its decision/, '#outcome');
    decide();
    await see('driver_4 will be there in 12 min.', '#outcome');
    await see('ride_confirmed/0/7', '#way');
    await see('confirmed, driver_4 in 12 min', '#rides');
  },
);

testInBrowser('a declined payment is shown as a rejected ride with its reason', async () => {
  await page.getByLabel('Payment').selectOption('tok_declined');
  await book();
  await see('ride_details/0/0', '#way');
  expect(log.rides[0]?.payment_token).toBe('tok_declined');
  const nobody = { alloted_driver: null, pickup_time: null, pickup_minutes: null };
  decide({ status: 'rejected', payment_status: 'declined', reason: 'The payment was declined.', ...nobody });
  await see('The payment was declined.', '#outcome');
});

testInBrowser('what is wrong is said at its field, and goes when it is put right', async () => {
  await page.getByLabel('Latitude').fill('north');
  await page.getByLabel('Customer', { exact: true }).fill('a b');
  await book();
  await see('must be a number, not text', '#form');
  await see('answered 400 instead of 202', '#way');
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(2);
  await page.getByLabel('Latitude').fill('1.5');
  await page.getByLabel('Customer', { exact: true }).fill('ab');
  await book();
  await see('ride_details/0/0', '#way');
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(0);
});

testInBrowser('while Kafka is away the page says so, and trying again books the ride once', async () => {
  log.failure = new Unavailable('away', 1);
  await book();
  await see(/Kafka cannot be reached/, '#outcome');
  log.failure = null;
  await page.getByRole('button', { name: 'Try again' }).click();
  await see('ride_details/0/0', '#way');
  expect(log.rides).toHaveLength(1);
});

testInBrowser('the keyboard alone books a ride', async () => {
  await page.getByLabel('Customer', { exact: true }).focus();
  await page.keyboard.press('Enter');
  await see('ride_details/0/0', '#way');
});

testInBrowser('a ride of the list can be chosen, and its address leads back to it', async () => {
  await book();
  await see('ride_details/0/0', '#way');
  decide();
  await page.goto(rides.url);
  await page.locator('#rides a').first().click();
  await see('driver_4 will be there in 12 min.', '#outcome');
  await page.reload();
  await see('driver_4 will be there in 12 min.', '#outcome');
  await page.goto(`${rides.url}/#nobody`);
  await see(/"nobody" is unknown here/, '#outcome');
});

testInBrowser('what foreign writers put into a message is shown as text', async () => {
  const id = '<img src=x onerror=alert(1)>';
  rides.view.request({
    value: ride(id, { location: null }),
    identity: 'ride_details/0/9',
    coordinates: at(9),
    timestamp: Date.now(),
  });
  await page.goto(`${rides.url}/#${encodeURIComponent(id)}`);
  await see('ride_details/0/9', '#way');
  await see(id, '#json');
  expect(await page.locator('main img').count()).toBe(0);
});

testInBrowser('on a phone nothing but the table scrolls sideways, light or dark', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await book();
  await see('ride_details/0/0', '#way');
  decide();
  await see(/driver_4 will be there/, '#outcome');
  const backgrounds = new Set<string>();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    backgrounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  }
  expect(backgrounds.size).toBe(2);
});

testInBrowser('a service that is gone is said to be gone', async () => {
  await rides.stop();
  await book();
  await see(/The rides service does not answer/, '#outcome');
});

testInBrowser('where the service wants a token, the form asks for it and the ride is booked', async () => {
  await page.goto('about:blank');
  await rides.stop();
  wrong = [];
  rides = await startRides(log, { access: { token: 'a-token-of-this-test', perSecond: 0 } });
  await page.goto(rides.url);
  await page.getByLabel('Access token').fill('a-wrong-token-of-this-test');
  await book();
  await see('answered 401 instead of 202', '#way');
  await page.getByLabel('Access token').fill('a-token-of-this-test');
  await page.getByRole('button', { name: 'Try again' }).click();
  await see('ride_details/0/0', '#way');
  await see('waits for its decision', '#rides');
  expect(await page.locator('#curl').textContent()).toContain('authorization: Bearer $API_TOKEN');
});
