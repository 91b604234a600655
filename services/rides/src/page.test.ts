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
    await see(/waiting for a decision/, '#outcome');
    decide();
    await see('driver_4 arrives in 12 min.', '#outcome');
    await see('ride_confirmed/0/7', '#way');
    await see('confirmed, driver_4 in 12 min', '#rides');
  },
);

testInBrowser('a booked ride leads to itself on the flow page and to its mail', async () => {
  await book();
  await see('ride_details/0/0', '#way');
  decide();
  const id = log.rides[0]?.id;
  const leadsTo = (name: string) => page.getByRole('main').getByRole('link', { name }).getAttribute('href');
  await see('open the mail', '#way');
  expect(await leadsTo('open on the flow page')).toBe(`http://localhost:4004/rides/${id}`);
  expect(await leadsTo('open the mail')).toBe(`http://localhost:4004/mailbox?ride=${id}`);
});

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
  await see('response 400 instead of 202', '#way');
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

const placeInFields = async () => ({
  lat: Number(await page.getByLabel('Latitude').inputValue()),
  long: Number(await page.getByLabel('Longitude').inputValue()),
});
/** Where on the screen a place of the whole world is. */
async function onMap({ lat, long }: { lat: number; long: number }) {
  await page.locator('#map').scrollIntoViewIfNeeded();
  const box = await page.locator('#map > svg').boundingBox();
  if (!box) throw new Error('there is no map');
  const degree = box.width / 360;
  return { x: box.x + (long + 180) * degree, y: box.y + (90 - lat) * degree, degree };
}
/** Where the pin points to, as a place of the whole world. */
async function pinned() {
  const pin = await page.getByRole('slider', { name: 'Pickup location' }).boundingBox();
  const { x, y, degree } = await onMap({ lat: 0, long: 0 });
  if (!pin) throw new Error('there is no pin');
  return { lat: (y - pin.y - pin.height) / degree, long: (pin.x + pin.width / 2 - x) / degree };
}

testInBrowser('a click on the map is the location of the ride that is booked', async () => {
  for (const [lat, long] of [
    [52, 13],
    [-34, 151],
    [-55, -68],
  ] as const) {
    const { x, y } = await onMap({ lat, long });
    await page.mouse.click(x, y);
    const booked = log.rides.length;
    await book();
    await see(`ride_details/0/${booked}`, '#way');
    const { location } = log.rides[booked] as { location: { lat: number; long: number } };
    expect(location).toEqual(await placeInFields());
    expect(Math.abs(location.lat - lat)).toBeLessThan(1);
    expect(Math.abs(location.long - long)).toBeLessThan(1);
  }
});

testInBrowser('the pin follows the numbers, and is away while they are no place', async () => {
  await page.getByLabel('Latitude').fill('-33.9');
  await page.getByLabel('Longitude').fill('151.2');
  const { lat, long } = await pinned();
  expect(Math.abs(lat + 33.9)).toBeLessThan(1);
  expect(Math.abs(long - 151.2)).toBeLessThan(1);
  await page.getByLabel('Latitude').fill('91');
  await page.getByRole('slider').waitFor({ state: 'hidden' });
});

testInBrowser('the pin is dragged to a place, east of the edge comes the other side', async () => {
  await page.getByLabel('Latitude').fill('10');
  await page.getByLabel('Longitude').fill('170');
  const from = await onMap({ lat: 10, long: 170 });
  await page.mouse.move(from.x, from.y - 15);
  await page.mouse.down();
  await page.mouse.move(from.x - 20 * from.degree, from.y - 15 + 30 * from.degree, { steps: 3 });
  const { lat, long } = await placeInFields();
  expect(Math.abs(lat + 20)).toBeLessThan(1.5);
  expect(Math.abs(long - 150)).toBeLessThan(1.5);
  await page.mouse.move(from.x + 15 * from.degree, from.y - 15, { steps: 3 });
  expect(Math.abs((await placeInFields()).long + 175)).toBeLessThan(1.5);
  await page.mouse.up();
});

testInBrowser('arrow keys move the pin, over the antimeridian but not over a pole', async () => {
  await page.getByLabel('Latitude').fill('89.5');
  await page.getByLabel('Longitude').fill('179.5');
  const pin = page.getByRole('slider', { name: 'Pickup location' });
  await pin.focus();
  await page.keyboard.press('ArrowRight');
  expect(await placeInFields()).toEqual({ lat: 89.5, long: -179.5 });
  await page.keyboard.press('ArrowUp');
  expect(await placeInFields()).toEqual({ lat: 90, long: -179.5 });
  await page.keyboard.press('Shift+ArrowDown');
  expect(await pin.getAttribute('aria-valuetext')).toBe('latitude 80, longitude -179.5');
  expect(await page.locator('#curl').textContent()).toContain('"lat":80,"long":-179.5');
});

testInBrowser('zoomed in, the map shows the pin and keeps its place to the decimal', async () => {
  const whole = await pinned();
  const pin = page.getByRole('slider', { name: 'Pickup location' });
  await pin.focus();
  for (const key of ['+', '+', '+', '+']) await page.keyboard.press(key);
  expect(await placeInFields()).toEqual({ lat: 12.97, long: 77.59 });
  const middle = await pinned();
  expect(Math.abs(middle.long) + Math.abs(middle.lat)).toBeLessThan(2);
  await page.keyboard.press('ArrowLeft');
  expect(await placeInFields()).toEqual({ lat: 12.97, long: 77.54 });
  await page.getByLabel('Longitude').fill('0');
  await pin.waitFor();
  expect(Math.abs((await pinned()).long)).toBeLessThan(2);
  await page.getByLabel('Longitude').fill('77.59');
  for (let step = 0; step < 3; step++) await page.getByRole('button', { name: 'Zoom out' }).click();
  const again = await pinned();
  expect(Math.abs(again.long - whole.long) + Math.abs(again.lat - whole.lat)).toBeLessThan(0.5);
});

testInBrowser('the zoomed map is dragged, and stays when the press had ended outside of it', async () => {
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const svg = page.locator('#map > svg');
  const view = () => svg.getAttribute('viewBox');
  const before = await view();
  const box = await svg.boundingBox();
  if (!box) throw new Error('there is no map');
  await page.mouse.move(box.x + 100, box.y + 1);
  await page.mouse.down();
  await page.mouse.move(box.x + 100, box.y - 2);
  await page.mouse.up();
  await page.mouse.move(box.x + 150, box.y + 50, { steps: 3 });
  expect(await view()).toBe(before);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 50, { steps: 3 });
  await page.mouse.up();
  expect(await view()).not.toBe(before);
  expect(await placeInFields()).toEqual({ lat: 12.97, long: 77.59 });
});

testInBrowser('a ride of the list can be chosen, and its address leads back to it', async () => {
  await book();
  await see('ride_details/0/0', '#way');
  decide();
  await page.goto(rides.url);
  await page.locator('#rides a').first().click();
  await see('driver_4 arrives in 12 min.', '#outcome');
  await page.reload();
  await see('driver_4 arrives in 12 min.', '#outcome');
  await page.goto(`${rides.url}/#nobody`);
  await see(/"nobody" is not known to this service/, '#outcome');
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
  await see(id, '#links');
  expect(await page.locator('main img').count()).toBe(0);
});

testInBrowser('on a phone nothing but the table scrolls sideways, light or dark', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await book();
  await see('ride_details/0/0', '#way');
  decide();
  await see(/driver_4 arrives/, '#outcome');
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
  await see(/The rides service is not responding/, '#outcome');
});

testInBrowser('where the service wants a token, the form asks for it and the ride is booked', async () => {
  await page.goto('about:blank');
  await rides.stop();
  wrong = [];
  rides = await startRides(log, { access: { token: 'a-token-of-this-test', perSecond: 0 } });
  await page.goto(rides.url);
  await page.getByLabel('Access token').fill('a-wrong-token-of-this-test');
  await book();
  await see('response 401 instead of 202', '#way');
  await page.getByLabel('Access token').fill('a-token-of-this-test');
  await page.getByRole('button', { name: 'Try again' }).click();
  await see('ride_details/0/0', '#way');
  await see('waiting for a decision', '#rides');
  expect(await page.locator('#curl').textContent()).toContain('authorization: Bearer $API_TOKEN');
});
