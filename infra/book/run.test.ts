import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { randomRide, seededRandom } from './random.ts';
import { type RunOptions, run } from './run.ts';
import { checkReachable, type Outcome } from './send.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers as a rides service does; `keys` are the Idempotency-Keys of all requests, in order. */
async function service(answer: (response: ServerResponse, request: IncomingMessage, count: number) => void) {
  const keys: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'POST') keys.push(String(request.headers['idempotency-key']));
      answer(response, request, keys.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { keys, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const accept = (response: ServerResponse) => void response.writeHead(202).end('{}');
function problem(response: ServerResponse, status: number, body: object, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify(body));
}

async function book(count: number, options: Partial<RunOptions> & { url: string }) {
  const outcomes: Outcome[] = [];
  const random = seededRandom(1);
  await run(
    Array.from({ length: count }, () => randomRide(random)),
    {
      rate: 10_000,
      concurrency: 4,
      patience: 10_000,
      runId: 'run',
      signal: new AbortController().signal,
      onOutcome: (outcome) => outcomes.push(outcome),
      ...options,
    },
  );
  return outcomes;
}

test('each ride is sent once, with its own key', async () => {
  const { keys, url } = await service(accept);
  const outcomes = await book(20, { url });
  expect(outcomes).toHaveLength(20);
  expect(outcomes.every(({ accepted, milliseconds }) => accepted && milliseconds !== null)).toBe(true);
  expect(new Set(keys).size).toBe(20);
  expect(keys[0]).toBe('"run-0"');
});

test('a 503 is sent again with the same key, and is accepted once the service is back', async () => {
  const { keys, url } = await service((response, _request, count) =>
    count <= 2 ? problem(response, 503, { title: 'away' }, { 'retry-after': '0' }) : accept(response),
  );
  expect(await book(1, { url })).toMatchObject([{ accepted: true, attempts: 3 }]);
  expect(keys).toEqual(['"run-0"', '"run-0"', '"run-0"']);
});

test('a request whose answer was lost is retried with the same key', async () => {
  const { keys, url } = await service((response, request, count) =>
    count === 1 ? request.socket.destroy() : accept(response),
  );
  expect(await book(1, { url })).toMatchObject([{ accepted: true, attempts: 2 }]);
  expect(keys).toEqual(['"run-0"', '"run-0"']);
});

test('a rejected request is not retried, and the reason is shown', async () => {
  const errors = [{ pointer: '/location/lat', detail: 'must be at most 90' }];
  const { keys, url } = await service((response) => problem(response, 400, { title: 'Bad Request', errors }));
  expect(await book(1, { url })).toMatchObject([
    { accepted: false, attempts: 1, reason: '400 /location/lat must be at most 90' },
  ]);
  expect(keys).toHaveLength(1);
});

test('patience ends: the ride is refused with the last answer', async () => {
  const { url } = await service((response) =>
    problem(response, 503, { detail: 'Kafka cannot be reached.' }, { 'retry-after': '60' }),
  );
  expect(await book(1, { url })).toMatchObject([{ accepted: false, reason: '503 Kafka cannot be reached.' }]);
});

test('no more rides wait for their answers than was said', async () => {
  let waiting = 0;
  let most = 0;
  const { url } = await service((response) => {
    most = Math.max(most, ++waiting);
    setImmediate(() => {
      waiting--;
      accept(response);
    });
  });
  expect(await book(50, { url, concurrency: 3 })).toHaveLength(50);
  expect(most).toBeLessThanOrEqual(3);
});

test('an interrupted run ends at once with the outcomes so far', async () => {
  const interrupt = new AbortController();
  const { url } = await service((response, _request, count) => {
    if (count <= 2) accept(response);
    else interrupt.abort(); // and never an answer
  });
  const outcomes = await book(1000, { url, concurrency: 1, signal: interrupt.signal });
  expect(outcomes).toHaveLength(2);
});

test('when nothing listens, the error says how to start the system', async () => {
  const { url } = await service(accept);
  for (const close of closing.splice(0)) close();
  const signal = new AbortController().signal;
  await expect(checkReachable(url, signal)).rejects.toThrow(/No rides service answers at .*npm start/s);
});
