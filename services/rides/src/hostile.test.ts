import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeLog, request, startRides } from './fixtures.ts';

let rides: Awaited<ReturnType<typeof startRides>>;
const log = new FakeLog();
beforeAll(async () => {
  rides = await startRides(log);
});
afterAll(() => rides.stop());

interface Attempt {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Not `fetch`: it refuses to send much of what strangers send. */
function send({
  method,
  path,
  headers,
  body,
}: Attempt): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(rides.url);
    const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(method === 'GET' ? undefined : body);
  });
}

const text = (max = 60) => fc.string({ unit: 'binary', maxLength: max });
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((n) => String.fromCharCode(n)),
  maxLength: 300,
});
/** A right request with one thing replaced, removed or added anywhere in it. */
const nearlyRight = fc
  .tuple(
    fc.constantFrom(
      'customer_id',
      'location',
      'lat',
      'long',
      'customer_email',
      'payment_token',
      '__proto__',
      'constructor',
      'toString',
    ),
    fc.jsonValue(),
  )
  .map(([name, value]) =>
    JSON.stringify(request).replace('{', `{${JSON.stringify(name)}:${JSON.stringify(value)},`),
  );
const bodies = fc.oneof(
  nearlyRight,
  nearlyRight,
  fc.json(),
  fc.array(fc.oneof(nearlyRight, fc.json(), text()), { maxLength: 5 }).map((lines) => lines.join('\n')),
  fc.array(nearlyRight, { maxLength: 5 }).map((rides) => `[${rides}]`),
  text(400),
  fc.integer({ min: 1, max: 9000 }).map((depth) => '{"location":'.repeat(depth)),
  fc.integer({ min: 1, max: 9000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
);
const attempts: fc.Arbitrary<Attempt> = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'PATCH'),
  path: fc.oneof(
    fc.constantFrom(
      '/rides',
      '/rides',
      '/rides/batch',
      '/rides?limit=%',
      '/rides/%ff',
      '/rides/..%2f..%2fetc',
      '//rides',
      '/rides/__proto__',
    ),
    text(20).map((part) => `/rides/${encodeURIComponent(part.toWellFormed())}`),
    headerText.map((part) => `/${part.replaceAll(' ', '%')}`),
  ),
  headers: fc
    .record(
      {
        'content-type': fc.oneof(
          fc.constantFrom(
            'application/json',
            'application/json',
            'application/x-ndjson',
            'application/json; charset=utf-16',
            'text/json',
            '',
          ),
          headerText,
        ),
        'content-encoding': fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'compress', 'gzip, gzip', ''),
        'idempotency-key': headerText,
        traceparent: headerText,
      },
      { requiredKeys: [] },
    )
    .map((headers) => headers as Record<string, string>),
  body: fc.oneof(
    bodies.map((body) => Buffer.from(body)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  ),
});

test('whatever is sent, the answer is a success or a problem: never a 500, never a stack trace', async () => {
  await fc.assert(
    fc.asyncProperty(attempts, async (attempt) => {
      const before = log.rides.length;
      const { status, type, text } = await send(attempt);
      expect(text).not.toMatch(/node_modules|\.ts:\d|\\n +at /);
      if (status >= 400) {
        expect(status).toBeLessThan(500);
        expect(type).toBe('application/problem+json');
        const problem = JSON.parse(text);
        expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
        expect(text.length).toBeLessThan(10_000);
        expect(log.rides.length).toBe(before);
      } else if (attempt.method === 'POST') expect(status).toBe(202);
    }),
    { numRuns: 500 },
  );
  expect(Object.prototype).not.toHaveProperty('lat');
});

test('a right request is still accepted afterwards', async () => {
  expect((await rides.post('/rides', request)).status).toBe(202);
});
