import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { createLogger } from '../log.ts';
import { Problem, problems } from './problem.ts';

test('an unexpected error is logged, and answered without saying what happened inside', async () => {
  const log = createLogger('test', 'silent');
  const logged: unknown[] = [];
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
  app.use(problems(log, 'Nothing more.'));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const get = (path: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  try {
    const broken = await get('/broken');
    expect([broken.status, broken.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(await broken.text()).not.toMatch(/password|at /);
    expect(logged).toHaveLength(1);
    const wrong = await get('/wrong');
    expect(wrong.headers.get('x-pot')).toBe('yes');
    expect(await wrong.json()).toEqual({
      type: 'about:blank',
      title: "I'm a Teapot",
      status: 418,
      detail: 'Tea only.',
      errors: [{ pointer: '/a', detail: 'b' }],
    });
    expect((await get('/nothing')).status).toBe(404);
    expect(logged).toHaveLength(1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
