import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bar } from '@rideflow/shared/http/bar.ts';
import { serveLook } from '@rideflow/shared/http/page.ts';
import { problems } from '@rideflow/shared/http/problem.ts';
import { createLogger } from '@rideflow/shared/log.ts';
import express from 'express';
import { latLngToCell } from 'h3-js';
import { Registry } from 'prom-client';
import type { Cells } from './cells.ts';
import { createDemandModel } from './demand-model.ts';
import { noon, received, rejected } from './fixtures.ts';
import { registerGauges } from './gauges.ts';
import { mountRoutes, paths } from './routes.ts';
import { minute } from './statistics.ts';
import { Store } from './store.ts';

const now = noon + 3 * minute;
let store: Store;
let server: Server;

beforeEach(async () => {
  store = new Store({ file: ':memory:', createModel: () => createDemandModel(60, () => now) });
  const app = express();
  serveLook(app);
  const pages = { flow: 'http://flow.example', rides: 'http://rides.example', analytics: '' };
  mountRoutes(app, store, () => now, pages);
  app.use(problems(createLogger('analytics', 'silent'), { bar: bar(pages), paths }));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  store.close();
});
const get = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });

function feed() {
  store.apply(
    1,
    [
      received(0, { at: noon, pickup_minutes: 10 }),
      received(1, { at: noon, pickup_minutes: 20, alloted_driver: 'driver_2' }),
      received(2, { at: noon + minute, pickup_minutes: 3 }),
      received(3, { at: noon + minute, ...rejected }),
    ],
    '5',
  );
}

test('/stats shows everything that is counted, windows without gaps up to now', async () => {
  feed();
  const response = await get('/stats?minutes=4&hours=2&top=1');
  expect(response.status).toBe(200);
  const figures = { confirmed: 1, rejected: 0, rejected_share: 0 };
  expect(await response.json()).toMatchObject({
    generated_at: '2026-01-01T12:03:00.000Z',
    overall: {
      rides: 4,
      confirmed: 3,
      rejected: 1,
      rejected_share: 0.25,
      average_pickup_minutes: 11,
      max_pickup_minutes: 20,
    },
    drivers: {
      top: [{ driver: 'driver_1', rides: 2, average_pickup_minutes: 6.5 }],
      others: { ...figures, rides: 1, average_pickup_minutes: 20, max_pickup_minutes: 20 },
      distinct: 2,
    },
    areas: { resolution: 7, top: [{ cell: '8760145b4ffffff', rides: 4 }], others: { rides: 0 }, distinct: 1 },
    minutes: [
      { start: '2026-01-01T12:00:00.000Z', rides: 2, average_pickup_minutes: 15 },
      { start: '2026-01-01T12:01:00.000Z', rides: 2, rejected: 1 },
      { start: '2026-01-01T12:02:00.000Z', rides: 0, average_pickup_minutes: null },
      { start: '2026-01-01T12:03:00.000Z', rides: 0 },
    ],
    hours: [
      { start: '2026-01-01T11:00:00.000Z', rides: 0 },
      { start: '2026-01-01T12:00:00.000Z', rides: 4 },
    ],
    rides_before_the_first_minute_kept: 0,
    forecast: { method: 'Holt-Winters, additive, season of 60 minutes' },
    next_offsets: { 1: '5' },
  });
});

test('/stats answers before the first ride too', async () => {
  expect(await (await get('/stats')).json()).toMatchObject({
    overall: { rides: 0, average_pickup_minutes: null },
    forecast: { coming: [], error: null },
    next_offsets: {},
  });
});

test('/cells sums the areas up to the cells of a coarser resolution', async () => {
  feed();
  store.apply(
    0,
    [received(0, { location: { lat: 12.9, long: 77.5 } }), received(1, { location: null })],
    '2',
  );
  const [fine, coarse] = (await Promise.all(
    ['/cells', '/cells?resolution=0'].map(async (path) => (await get(path)).json()),
  )) as [Cells, Cells];
  expect(fine).toMatchObject({
    resolution: 7,
    square_kilometres: 5.2,
    cells: [
      { cell: '8760145b4ffffff', rides: 4, rejected: 1 },
      { cell: latLngToCell(12.9, 77.5, 7), rides: 1 },
    ],
    others: { rides: 0 },
  });
  expect(coarse.cells).toMatchObject([{ rides: 5, confirmed: 4, average_pickup_minutes: 10.75 }]);
  expect(coarse.cells[0]?.corners).toHaveLength(6);
  const wrong = await get('/cells?resolution=8&top=1');
  const { errors } = (await wrong.json()) as { errors: object };
  expect(errors).toEqual([
    { parameter: 'resolution', detail: 'must be a whole number from 0 to 7' },
    { parameter: 'top', detail: 'is not a known parameter; accepted: resolution' },
  ]);
});

test('a query that cannot be answered is a problem that names each wrong parameter', async () => {
  const response = await get('/stats?minutes=0&top=many&page=2&hours=1&hours=2');
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toMatch('application/problem+json');
  const { errors } = (await response.json()) as { errors: { parameter: string }[] };
  expect(errors.map(({ parameter }) => parameter)).toEqual(['minutes', 'top', 'page', 'hours']);
});

test('an unknown path and a wrong method are problems that say what there is', async () => {
  const unknown = await get('/statistics');
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ detail: expect.stringContaining('Available: /, /stats') });
  const wrong = await get('/stats', 'DELETE');
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

/** Addresses of the page's files, found as a browser finds them: in the document, and in what scripts import. */
async function filesOf(path: string, found = new Set<string>()) {
  found.add(path);
  const text = await (await get(path)).text();
  for (const [, linked, imported] of text.matchAll(/(?:href|src)="(\/[^"]+\.\w+)"|from '([^']+)'/g)) {
    const file = new URL(linked ?? imported ?? '', `http://here${path}`).pathname;
    if (!found.has(file)) await filesOf(file, found);
  }
  return found;
}

test('the page and all its files are served from here, and may load nothing from elsewhere', async () => {
  for (const path of await filesOf('/')) {
    const response = await get(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

test('the same figures are available as Prometheus metrics, and follow the rides', async () => {
  const registry = new Registry();
  registerGauges(registry, store, () => now);
  expect(await registry.metrics()).toContain('rideflow_rides_counted_total{status="confirmed"} 0');
  feed();
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'rideflow_rides_counted_total{status="confirmed"} 3',
      'rideflow_rides_counted_total{status="rejected"} 1',
      'rideflow_pickup_minutes{figure="average"} 11',
      'rideflow_pickup_minutes{figure="max"} 20',
      'rideflow_rejected_ratio 0.25',
      'rideflow_driver_rides{driver="driver_1"} 2',
      'rideflow_driver_pickup_minutes{driver="driver_2",figure="max"} 20',
      'rideflow_area_rides{cell="8760145b4ffffff"} 4',
      'rideflow_window_rides{window="hour"} 4',
    ]),
  );
  expect(lines.filter((line) => line.startsWith('rideflow_forecast_rides{'))).toHaveLength(15);
});
