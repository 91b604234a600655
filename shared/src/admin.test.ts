import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import express from 'express';
import pino from 'pino';
import { type CrashPointState, mountAdmin } from './admin.ts';
import { arm } from './crash-points.ts';
import type { Feed } from './feed.ts';
import { problems } from './http/problem.ts';
import { type Held, Pace } from './pace.ts';

const stops: (() => unknown)[] = [];
afterEach(() => {
  arm(null);
  for (const stop of stops.splice(0).reverse()) stop();
});

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test expects it to be
  body: any;
}
type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

async function start({ network = false, reads = true } = {}) {
  const pace = new Pace(() => {});
  const crash: CrashPointState = { armed: null };
  const changed = jest.fn();
  const app = express();
  const log = pino({ level: 'silent' });
  mountAdmin(app, { log, crash, pace: reads ? pace : null, feed: { changed } as unknown as Feed, network });
  app.use(problems(log, { bar: '', paths: {} }));
  const server = app.listen(0, '127.0.0.1');
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const send: Send = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const type = { 'content-type': 'application/json' };
      const request = httpRequest({ port, method, path, headers: { ...type, ...headers } }, (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      });
      request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return { send, pace, crash, changed };
}
const detail = ({ body }: Answer) => body.detail;
const ride: Held = { topic: 'ride_details', partition: 1, offset: '7', where: 'before its handling' };

test('a crash point is armed and disarmed, and the feed shows it', async () => {
  const { send, crash, changed } = await start();
  expect(await send('PUT', '/admin/crash-point', { at: 'after-mail:3' })).toMatchObject({
    status: 200,
    body: { armed: 'after-mail:3' },
  });
  expect(crash.armed).toBe('after-mail:3');
  expect((await send('DELETE', '/admin/crash-point')).body.armed).toBeNull();
  expect(crash.armed).toBeNull();
  expect(changed).toHaveBeenCalledTimes(2);
  const refused = await send('PUT', '/admin/crash-point', { at: 'nowhere' });
  expect([refused.status, detail(refused)]).toEqual([400, expect.stringContaining('"at" must be <point>')]);
});

test('the pace is set in parts, and shows the waiting messages', async () => {
  const { send, pace } = await start();
  expect(await send('GET', '/admin/pace')).toEqual({
    status: 200,
    body: { delay: 0, paused: false, step: false, held: [] },
  });
  await send('PUT', '/admin/pace', { delay: 200 });
  expect((await send('PUT', '/admin/pace', { paused: true })).body).toMatchObject({
    delay: 200,
    paused: true,
  });
  const turn = pace.turn(ride, () => true);
  expect((await send('GET', '/admin/pace')).body.held).toEqual([ride]);
  const body = (await send('PUT', '/admin/pace', { delay: 0, paused: false })).body;
  expect(body).toEqual({ delay: 0, paused: false, step: false, held: [] });
  expect(await turn).toBe(true);
  const refused = await send('PUT', '/admin/pace', { delay: 'long' });
  expect([refused.status, detail(refused)]).toEqual([
    400,
    '"delay" must be a whole number of milliseconds from 0 to 5000',
  ]);
});

test('a step releases a waiting message, if there is one, and is rejected if step mode is off', async () => {
  const { send, pace } = await start();
  const step = () => send('POST', '/admin/step');
  expect(await step()).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('Step mode is off') },
  });
  await send('PUT', '/admin/pace', { step: true });
  expect(await step()).toMatchObject({ status: 200, body: { stepped: null } });
  const turn = pace.turn(ride, () => true);
  await send('PUT', '/admin/pace', { paused: true });
  expect(await step()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('paused') } });
  await send('PUT', '/admin/pace', { paused: false });
  expect(await step()).toMatchObject({ status: 200, body: { stepped: ride, held: [] } });
  expect(await turn).toBe(true);
});

test('a service that reads nothing has no pace, and the answer says so', async () => {
  const { send } = await start({ reads: false });
  expect((await send('GET', '/admin/crash-point')).status).toBe(200);
  for (const answer of [await send('PUT', '/admin/pace', { delay: 1 }), await send('POST', '/admin/step')])
    expect(answer).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('/admin/crash-point') },
    });
});

test('a page of another site can change nothing', async () => {
  const { send } = await start();
  const simple = { 'content-type': 'text/plain' };
  expect(await send('POST', '/admin/step', undefined, simple)).toMatchObject({ status: 415 });
  expect(await send('PUT', '/admin/pace', { delay: 1 }, simple)).toMatchObject({ status: 415 });
  expect(await send('GET', '/admin/pace', undefined, { host: 'rebound.example' })).toMatchObject({
    status: 403,
  });
});

test('other containers get answers with ADMIN=network, by the name of the service', async () => {
  const host = { host: 'transaction:4001' };
  const { send: local } = await start();
  expect(await local('GET', '/admin/pace', undefined, host)).toMatchObject({
    status: 403,
    body: { detail: 'Only callers on the same machine can use this address.' },
  });
  const { send: network } = await start({ network: true });
  expect((await network('GET', '/admin/pace', undefined, host)).status).toBe(200);
  expect((await network('GET', '/admin/pace')).status).toBe(200);
  expect(await network('GET', '/admin/pace', undefined, { host: 'rebound.example' })).toMatchObject({
    status: 403,
  });
});

test('methods that there are not are named', async () => {
  const { send } = await start();
  expect(await send('DELETE', '/admin/pace')).toMatchObject({ status: 405 });
  expect(await send('GET', '/admin/step')).toMatchObject({ status: 405 });
});
