import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bar as barOf } from '@rideflow/shared/http/bar.ts';
import { serveLook } from '@rideflow/shared/http/page.ts';
import { problems } from '@rideflow/shared/http/problem.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import express from 'express';
import { cellToParent, latLngToCell } from 'h3-js';
import type { Browser, Page } from 'playwright-core';
import { browserThere, sayBrowserMissing, startBrowser } from '../../../test/support/browser.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { createDemandModel } from './demand-model.ts';
import { received, rejected } from './fixtures.ts';
import type { Report } from './report.ts';
import { mountRoutes, paths } from './routes.ts';
import { minute } from './statistics.ts';
import { Store } from './store.ts';

sayBrowserMissing('The tests of the analytics page');
const testInBrowser = browserThere ? test : test.skip;

const now = Date.parse('2026-01-01T12:30:30.000Z');
let browser: Browser;
let page: Page;
let store: Store;
let server: Server;
let port: number;
let waiting: string[];
/** Requests that went elsewhere, and errors in the page's console. */
let wrong: string[];

beforeAll(async () => {
  if (!browserThere) return;
  browser = await startBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  if (!browserThere) return;
  store = new Store({ file: ':memory:', createModel: () => createDemandModel(5, () => now) });
  waiting = [];
  wrong = [];
  server = await serve(0);
  port = (server.address() as AddressInfo).port;
  page = await browser.newPage({ timezoneId: 'UTC' });
  page.on('request', (request) => {
    if (!request.url().startsWith(address()) && !request.url().startsWith('data:')) wrong.push(request.url());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      wrong.push(message.text());
  });
});
afterEach(async () => {
  if (!browserThere) return;
  await page.close();
  await stop();
  store.close();
  expect(wrong).toEqual([]);
});

async function serve(onPort: number) {
  const app = express();
  app.get(
    '/readyz',
    (_request, response) => void response.status(waiting.length ? 503 : 200).json({ waiting }),
  );
  serveLook(app);
  const pages = { flow: 'http://flow.example', rides: 'http://rides.example', analytics: '' };
  mountRoutes(app, store, () => now, pages);
  app.use(problems(createLogger('analytics', 'silent'), { bar: barOf(pages), paths }));
  const listening = app.listen(onPort, '127.0.0.1');
  await once(listening, 'listening');
  return listening;
}
const address = () => `http://127.0.0.1:${port}`;
async function stop() {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

function feed(minutes = 28) {
  const rides = Array.from({ length: minutes }, (_, i) => i).flatMap((i) =>
    Array.from({ length: 3 + (i % 5) * 2 }, (_, j) => ({
      at: now - (minutes - i) * minute,
      ...(j === 2 ? rejected : { alloted_driver: `driver_${j}`, pickup_minutes: 5 + ((i * 3 + j * 7) % 25) }),
      location: { lat: 12.9 + j * 0.04, long: 77.5 + j * 0.03 },
    })),
  );
  store.apply(
    0,
    rides.map((ride, offset) => received(offset, ride)),
    String(rides.length),
  );
  return rides.length;
}
const text = (id: string) => page.locator(`#${id}`);

testInBrowser('without rides the page says how to book one', async () => {
  await page.goto(address());
  await text('empty').waitFor();
  expect(await text('curl').textContent()).toContain('curl -X POST http://rides.example/rides');
  expect(await text('figures').isVisible()).toBe(false);
});

testInBrowser('the first ride replaces the empty page without a reload, and the figures follow', async () => {
  await page.goto(address());
  await text('empty').waitFor();
  const rides = feed();
  await text('rides').waitFor();
  expect(await text('rides').textContent()).toBe(String(rides));
  expect(await text('empty').isVisible()).toBe(false);
  store.apply(0, [received(rides)], String(rides + 1));
  await page.getByText(String(rides + 1), { exact: true }).waitFor();
});

/**
 * In which of a chart's minutes something is drawn in a colour of the style sheet, from the pixels of its canvas.
 * @param alpha of what is drawn, 0 to 255
 */
const drawn = (chart: string, token: string, alpha = 255) =>
  page.evaluate<boolean[]>(`(() => {
    const plot = document.querySelector('#${chart} .plot');
    const probe = document.createElement('canvas').getContext('2d');
    probe.canvas.style.color = 'var(${token})';
    document.body.append(probe.canvas);
    probe.fillStyle = getComputedStyle(probe.canvas).color;
    probe.fillRect(0, 0, 1, 1);
    probe.canvas.remove();
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const canvas = plot.querySelector('canvas');
    const over = plot.querySelector('.u-over').getBoundingClientRect();
    const { left, top } = canvas.getBoundingClientRect();
    const slots = Number(plot.getAttribute('aria-valuemax')) + 1;
    const { data, width } = canvas.getContext('2d').getImageData(over.left - left, over.top - top, over.width, over.height);
    const found = Array(slots).fill(false);
    for (let i = 0; i < data.length; i += 4) {
      const wanted = [red, green, blue, ${alpha}];
      if (wanted.some((value, channel) => Math.abs(value - data[i + channel]) > 6)) continue;
      found[Math.floor((((i / 4) % width) / width) * slots)] = true;
    }
    return found;
  })()`);
const bar = 0.6 * 255;

testInBrowser('the charts draw what /stats has, light or dark', async () => {
  feed();
  await page.goto(address());
  await text('figures').waitFor();
  const { minutes, hours, forecast } = (await (await fetch(`${address()}/stats`)).json()) as Report;
  const withRides = minutes.map(({ rides }) => rides > 0);
  expect(withRides.filter(Boolean)).toHaveLength(28);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(async () => {
      expect(await drawn('hours', '--soft', bar)).toEqual(hours.map(({ rides }) => rides > 0));
      const demand = await drawn('demand', '--soft', bar);
      expect(demand).toEqual([...withRides, ...Array(demand.length - minutes.length).fill(false)]);
      expect(await drawn('pickup', '--soft')).toEqual(withRides);
      expect(await drawn('pickup', '--ink')).toEqual(withRides);
      expect(await drawn('refused', '--soft', bar)).toEqual(minutes.map(({ rejected }) => rejected > 0));
      const predicted = await drawn('demand', '--a');
      const starts = forecast.coming.map(({ start }) => Date.parse(start));
      expect(predicted.slice(minutes.length).filter(Boolean)).toHaveLength(
        starts.filter((start) => start > Date.parse(minutes.at(-1)?.start ?? '')).length,
      );
      expect(predicted.slice(0, minutes.length).filter(Boolean).length).toBeGreaterThanOrEqual(
        forecast.past.length,
      );
    });
  }
});

testInBrowser('texts and tables show what was counted, and what is forecast', async () => {
  feed();
  await page.goto(address());
  await text('figures').waitFor();
  expect(await text('forecast').textContent()).toMatch(
    /^Forecast: \d+\.\d rides this minute, \d+\.\d next minute, \d+ in the next 15 minutes\.$/,
  );
  expect(await text('error').textContent()).toMatch(
    /Holt-Winters.*Mean absolute error over 27 minutes: \d+\.\d rides per minute\. The naive forecast .* has \d+\.\d\. This forecast has a \d+\.\d% lower error\.$/,
  );
  expect(await page.locator('#drivers tbody tr').first().textContent()).toMatch(/^driver_0/);
  expect(await text('areas-more').textContent()).toMatch(/^top 8 of 11; the others have \d+ rides$/);
});

/** Rides per cell as the map says them, and as /stats has them. */
async function ridesOnMap() {
  const found = page
    .locator('.map .cell')
    .evaluateAll((cells) =>
      cells.map((cell) => [cell.getAttribute('data-cell'), Number.parseInt(cell.ariaLabel ?? '', 10)]),
    );
  return Object.fromEntries(await found);
}
async function ridesInStats(resolution: number) {
  const { areas } = (await (await fetch(`${address()}/stats?top=2000`)).json()) as Report;
  const rides: Record<string, number> = {};
  for (const { cell, rides: number } of areas.top) {
    const parent = cellToParent(cell, resolution);
    rides[parent] = (rides[parent] ?? 0) + number;
  }
  return rides;
}

testInBrowser('the map shows as many rides in each cell as /stats, coarser or finer', async () => {
  const rides = feed();
  store.apply(0, [received(rides, { location: { lat: -23.55, long: -46.63 } })], String(rides + 1));
  await page.goto(address());
  await page.locator('.map .cell').first().waitFor();
  await eventually(async () => expect(await ridesOnMap()).toEqual(await ridesInStats(1)));
  expect(Object.keys(await ridesOnMap())).toHaveLength(3);
  for (let step = 0; step < 6; step++) await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByText('H3 resolution 7, cells of about 5.2 km².').waitFor();
  await eventually(async () => expect(await ridesOnMap()).toEqual(await ridesInStats(7)));
});

testInBrowser('a cell is where its rides were booked, and appears without a reload', async () => {
  feed();
  await page.goto(address());
  await page.locator('.map .cell').first().waitFor();
  const at = async ({ lat, long }: { lat: number; long: number }) => {
    await page.locator('.map').scrollIntoViewIfNeeded();
    const box = await page.locator('.map > svg').boundingBox();
    if (!box) throw new Error('there is no map');
    const degree = box.width / 360;
    const point = `${box.x + (long + 180) * degree}, ${box.y + (90 - lat) * degree}`;
    return page.evaluate(`document.elementFromPoint(${point}).getAttribute('data-cell')`);
  };
  const sydney = { lat: -33.87, long: 151.21 };
  expect(await at({ lat: 12.97, long: 77.59 })).toBe(latLngToCell(12.97, 77.59, 1));
  expect(await at(sydney)).toBeNull();
  await page.locator('.map .cell').first().focus();
  store.apply(1, [received(0, { location: sydney })], '1');
  await page.locator('.map .cell').nth(2).waitFor();
  await eventually(async () => expect(await at(sydney)).toBe(latLngToCell(sydney.lat, sydney.long, 1)));
  expect(await page.evaluate('document.activeElement.dataset.cell')).toBe(latLngToCell(12.97, 77.59, 1));
});

testInBrowser('moving the map does not ask for its cells again', async () => {
  feed();
  await page.goto(address());
  await page.locator('.map .cell').first().waitFor();
  let asked = 0;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/cells?resolution=2', async (route) => {
    asked++;
    await answered;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const box = await page.locator('.map > svg').boundingBox();
  if (!box) throw new Error('there is no map');
  await page.mouse.move(box.x + 200, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 100, box.y + 50, { steps: 50 });
  await page.mouse.up();
  expect(asked).toBeLessThan(5); // the zoom, and the regular ones
  answer();
  await page.getByText('H3 resolution 2').waitFor();
});

testInBrowser('the keyboard alone goes from cell to cell and is told what is there', async () => {
  feed();
  store.apply(
    1,
    [
      received(0, { location: { lat: 52.52, long: 13.4 }, pickup_minutes: 8 }),
      received(1, { location: { lat: -23.55, long: -46.63 }, ...rejected }),
    ],
    '2',
  );
  await page.goto(address());
  await page.locator('.map .cell').nth(3).waitFor();
  await page.locator('.map .cell[tabindex="0"]').focus();
  await page.keyboard.press('ArrowLeft');
  await page.locator('.tip').getByText('1 ride', { exact: true }).waitFor();
  expect(await page.locator('.tip').textContent()).toMatch(/^1 rideaverage pickup time 8.0 min5\d\./);
  await page.keyboard.press('ArrowDown');
  expect(await page.locator('.tip').textContent()).toMatch(/^1 ride1 rejected \(100.0%\)-2\d\./);
  expect(await page.locator('.map .cell:focus').getAttribute('aria-label')).toMatch(
    /^1 ride, 1 rejected \(100.0%\), around -2\d/,
  );
  await page.keyboard.press('+');
  await page.getByText('H3 resolution 2').waitFor();
  await eventually(async () =>
    expect(await page.locator('.map .cell:focus').getAttribute('data-cell')).toBe(
      latLngToCell(-23.55, -46.63, 2),
    ),
  );
  await page.keyboard.press('Escape');
  await page.locator('.tip').waitFor({ state: 'hidden' });
});

testInBrowser('rides without a location leave the map empty, and it says so', async () => {
  store.apply(0, [received(0, { location: null })], '1');
  await page.goto(address());
  await page.getByText('No ride has a location yet.').waitFor();
  expect(await page.locator('.map .cell').count()).toBe(0);
});

testInBrowser('the arrow keys choose a minute and its figures are told', async () => {
  feed();
  await page.goto(address());
  await text('figures').waitFor();
  await page.locator('#demand .plot').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  expect(await page.locator('#demand output').textContent()).toMatch(/^12:28 · \d+ rides · forecast/);
  await page.keyboard.press('Escape');
  expect(await page.locator('#demand output').textContent()).toBe('');
});

testInBrowser(
  'when the service is gone the page says whose figures it shows, and goes on when it is back',
  async () => {
    feed();
    await page.goto(address());
    await page.getByText('live', { exact: true }).waitFor();
    await stop();
    await page.getByText(/^connection lost; showing figures from \d\d:\d\d:\d\d$/).waitFor();
    expect(await text('figures').isVisible()).toBe(true);
    server = await serve(port);
    await page.getByText('live', { exact: true }).waitFor();
  },
);

testInBrowser('a service that waits for Kafka is not taken for one without rides', async () => {
  feed();
  waiting = ['waits for Kafka'];
  await page.goto(address());
  await page.getByText('No new rides are being counted: waits for Kafka.').waitFor();
});

testInBrowser('on a phone nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  feed();
  await page.goto(address());
  await text('figures').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});
