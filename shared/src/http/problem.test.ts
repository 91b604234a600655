import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import express from 'express';
import { createLogger } from '../log.ts';
import { Problem, problems } from './problem.ts';

let server: Server;
let logged: unknown[];
beforeEach(async () => {
  const log = createLogger('test', 'silent');
  logged = [];
  log.error = (...what: unknown[]) => void logged.push(what);
  const app = express();
  app.get('/broken', () => {
    throw new Error('the password is 1234');
  });
  app.get('/wrong', async () => {
    throw new Problem(418, 'Tea only.', {
      headers: { 'x-pot': 'yes' },
      errors: [{ pointer: '/a', detail: 'b' }],
    });
  });
  app.use(problems(log, { bar: '<nav>the bar</nav>', paths: { '/here': 'what <is> here' } }));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
/** As a browser asks for a page. */
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

test('an unexpected error is logged, and the answer has no details', async () => {
  const broken = await ask('/broken');
  expect([broken.status, broken.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
  expect(await broken.text()).not.toMatch(/password|at /);
  expect(logged).toHaveLength(1);
  const wrong = await ask('/wrong');
  expect(wrong.headers.get('x-pot')).toBe('yes');
  expect(await wrong.json()).toEqual({
    type: 'about:blank',
    title: "I'm a Teapot",
    status: 418,
    detail: 'Tea only.',
    errors: [{ pointer: '/a', detail: 'b' }],
  });
  expect(logged).toHaveLength(1);
});

test('a program that requests an unknown address gets a problem with the valid ones', async () => {
  for (const init of [
    {},
    { headers: { accept: 'application/json' } },
    { method: 'POST', headers: browser },
  ]) {
    const unknown = await ask('/nothing', init);
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(await unknown.json()).toMatchObject({
      detail: 'The path /nothing does not exist. Available: /here.',
    });
  }
  expect(logged).toEqual([]);
});

test('a browser that requests an unknown address gets a page with the valid ones only', async () => {
  const unknown = await ask('/<script>', { headers: browser });
  expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  expect(unknown.headers.get('content-security-policy')).toContain("default-src 'none'");
  const text = await unknown.text();
  expect(text).toContain('<nav>the bar</nav>');
  expect(text).toContain('<a href="/here">/here</a></td><td>what &#60;is&#62; here');
  expect(text).not.toMatch(/<script|\.ts\b/);
  expect((await ask('/broken', { headers: browser })).status).toBe(500);
  expect(await (await ask('/broken', { headers: browser })).text()).not.toMatch(/password/);
});
