import { afterEach, expect, test } from '@jest/globals';
import { OutcomeUnknown, Unavailable } from '@rideflow/shared/kafka/publish.ts';
import { at, decision, FakeLog, request, startRides } from './fixtures.ts';

type Rides = Awaited<ReturnType<typeof startRides>>;
const running: Rides[] = [];
afterEach(async () => {
  for (const rides of running.splice(0)) await rides.stop();
});
async function start(...args: Parameters<typeof startRides>): Promise<Rides> {
  const rides = await startRides(...args);
  running.push(rides);
  return rides;
}
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
const read = async (response: Response): Promise<any> => ({
  status: response.status,
  type: response.headers.get('content-type'),
  ...((await response.json()) as object),
});
const key = (value: string) => ({ 'idempotency-key': value });

test('a ride is accepted with its place in Kafka, and can be read at its Location at once', async () => {
  const rides = await start();
  const response = await rides.post('/rides', request);
  expect(response.status).toBe(202);
  const { ride, stored } = (await response.json()) as { ride: { id: string }; stored: unknown };
  expect(stored).toEqual(at(0));
  expect(ride).toMatchObject({ ...request, customer_email: 'user_1@example.com' });
  const location = response.headers.get('location') ?? '';
  expect(location).toBe(`/rides/${ride.id}`);
  expect(await read(await fetch(rides.url + location))).toMatchObject({ status: 'requested', stored: at(0) });
});

test('a decided ride shows driver and pickup time', async () => {
  const rides = await start();
  const { ride } = await read(await rides.post('/rides', request));
  rides.view.decision({
    value: decision(ride.id),
    identity: 'd',
    causeId: ride.id,
    coordinates: at(7, 'ride_confirmed'),
    timestamp: 0,
  });
  const body = await (await fetch(`${rides.url}/rides/${ride.id}`)).json();
  expect(body).toMatchObject({ status: 'confirmed', alloted_driver: 'driver_4', pickup_minutes: 12 });
});

test('an unknown id is a 404 that says which ids are kept', async () => {
  const rides = await start();
  expect(await read(await fetch(`${rides.url}/rides/nobody`))).toMatchObject({
    status: 404,
    type: '/problems#unknown-ride',
    detail: expect.stringContaining('Only the newest 100 rides are kept.'),
  });
});

test('while the topics are still being read, an unknown id gets a 503 to retry later', async () => {
  const rides = await start(new FakeLog(), { caughtUp: false });
  const response = await fetch(`${rides.url}/rides/nobody`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await rides.post('/rides', request)).status).toBe(202);
  expect((await rides.post('/rides', request, key('k'))).status).toBe(503);
});

test('the newest rides are listed first, up to the limit', async () => {
  const rides = await start();
  for (const customer_id of ['a', 'b', 'c']) await rides.post('/rides', { ...request, customer_id });
  const customers = async (query: string) =>
    (await read(await fetch(`${rides.url}/rides${query}`))).rides.map(
      (ride: { customer_id: string }) => ride.customer_id,
    );
  expect(await customers('')).toEqual(['c', 'b', 'a']);
  expect(await customers('?limit=2')).toEqual(['c', 'b']);
  for (const limit of ['0', '1001', '-1', 'x', '1e2', '', '1&limit=2']) {
    const answer = await read(await fetch(`${rides.url}/rides?limit=${limit}`));
    expect(answer).toMatchObject({ status: 400, errors: [{ parameter: 'limit' }] });
  }
});

test('a repeat under the same key is answered like the first and books nothing', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  const first = await read(await rides.post('/rides', request, key('"k 1"')));
  await rides.post('/rides', request);
  expect(first.status).toBe(202);
  expect(await read(await rides.post('/rides', request, key('"k 1"')))).toEqual(first);
  expect(log.rides).toHaveLength(2);
});

test('a key holds across a restart, and in another process', async () => {
  const log = new FakeLog();
  const [one, two] = [await start(log), await start(log)];
  const first = await read(await one.post('/rides', request, key('k')));
  expect(await read(await two.post('/rides', request, key('k')))).toEqual(first);
  const restarted = await start(log);
  expect(await read(await restarted.post('/rides', request, key('k')))).toEqual(first);
  expect(log.rides).toHaveLength(1);
});

test('of two processes with one key at the same time, the first in the log wins for both', async () => {
  const log = new FakeLog();
  const [one, two] = [await start(log), await start(log)];
  const other = { ...request, location: { lat: 1, long: 2 } };
  const open = Promise.withResolvers<void>();
  log.gate = open.promise;
  const answers = Promise.all([
    one.post('/rides', request, key('same')).then(read),
    two.post('/rides', request, key('same')).then(read),
    one.post('/rides', request, key('differs')).then(read),
    two.post('/rides', other, key('differs')).then(read),
  ]);
  while (log.rides.length < 4) await new Promise(setImmediate);
  open.resolve();
  const [first, second, ...differing] = await answers;
  expect(second).toEqual(first);
  expect(differing.map(({ status }) => status).sort()).toEqual([202, 422]);
});

test('a key that is in use in this process is a 409', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  const open = Promise.withResolvers<void>();
  log.gate = open.promise;
  const first = rides.post('/rides', request, key('k'));
  while (log.rides.length === 0) await new Promise(setImmediate);
  expect(await read(await rides.post('/rides', request, key('k')))).toMatchObject({
    status: 409,
    type: '/problems#key-in-use',
  });
  open.resolve();
  expect((await first).status).toBe(202);
});

test('a key used with another body is a 422; another customer’s same key is another ride', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  await rides.post('/rides', request, key('k'));
  const other = { ...request, location: { lat: 1, long: 2 } };
  expect(await read(await rides.post('/rides', other, key('k')))).toMatchObject({ status: 422 });
  expect(log.rides).toHaveLength(1);
  expect((await rides.post('/rides', { ...request, customer_id: 'user_2' }, key('k'))).status).toBe(202);
  expect(await read(await rides.post('/rides', request, key('"open')))).toMatchObject({
    status: 400,
    errors: [{ header: 'Idempotency-Key' }],
  });
});

test('while Kafka is unavailable nothing is accepted: 503 with the seconds to wait', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  log.failure = new Unavailable('away', 7);
  for (const headers of [{}, key('k')]) {
    const response = await rides.post('/rides', request, headers);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
  }
  const batch = await read(await rides.post('/rides/batch', [request, {}]));
  expect(batch).toMatchObject({ status: 503, results: [{ status: 503 }, { status: 400 }] });
  log.failure = null;
  expect((await rides.post('/rides', request, key('k'))).status).toBe(202);
});

test('if it is unknown whether the ride was stored, the answer says so and how to find out', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  log.failure = new OutcomeUnknown('late');
  const plain = await read(await rides.post('/rides', request));
  expect(plain).toMatchObject({ status: 503, type: '/problems#outcome-unknown' });
  expect(plain.detail).toContain(`GET /rides/${plain.id}`);
  const keyed = await read(await rides.post('/rides', request, key('k')));
  expect(keyed.detail).toContain('same Idempotency-Key');
});

test('a batch has one result per ride in order, and one bad line spoils no other', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  const lines = [
    JSON.stringify(request),
    '{bad',
    '{"customer_id":"a"}',
    JSON.stringify({ ...request, customer_id: 'b' }),
  ];
  const ndjson = { 'content-type': 'application/x-ndjson; charset=utf-8' };
  const body = await (await rides.post('/rides/batch', lines.join('\n'), ndjson)).json();
  expect(body).toMatchObject({
    results: [
      { status: 202, ride: request, stored: at(0) },
      { status: 400, problem: { status: 400 } },
      { status: 400, problem: { errors: [{ pointer: '/location' }] } },
      { status: 202, ride: { customer_id: 'b' }, stored: at(1) },
    ],
  });
  expect((await rides.post('/rides/batch', [request, request])).status).toBe(202);
  expect((await rides.post('/rides/batch', Array(1001).fill(request))).status).toBe(413);
});

test('a batch with a key can be sent again as a whole', async () => {
  const log = new FakeLog();
  const rides = await start(log);
  const batch = [request, request, { ...request, customer_id: 'b' }];
  const first = await read(await rides.post('/rides/batch', batch, key('k')));
  expect(await read(await rides.post('/rides/batch', batch, key('k')))).toEqual(first);
  expect(log.rides).toHaveLength(3);
});

test('unsupported requests get distinct errors: method, path, type, size, encoding, character set', async () => {
  const rides = await start();
  const plain = { 'content-type': 'text/plain' };
  const status = async (answer: Promise<Response>) => (await read(await answer)).status;
  const method = await fetch(`${rides.url}/rides`, { method: 'PUT' });
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
  expect((await fetch(`${rides.url}/rides`, { method: 'OPTIONS' })).headers.get('allow')).toContain('POST');
  expect(await status(fetch(`${rides.url}/nothing`))).toBe(404);
  expect(await status(fetch(`${rides.url}/rides/%zz`))).toBe(400);
  expect(await status(rides.post('/rides', request, plain))).toBe(415);
  expect(await status(rides.post('/rides', '{"a":"'.padEnd(20_000, 'x')))).toBe(413);
  expect(await status(rides.post('/rides', request, { 'content-encoding': 'rot13' }))).toBe(415);
  expect(await status(rides.post('/rides', request, { 'content-encoding': 'gzip' }))).toBe(400);
  expect(
    await status(rides.post('/rides', request, { 'content-type': 'application/json; charset=koi8-r' })),
  ).toBe(415);
  expect(await status(rides.post('/rides', '['.repeat(16_000)))).toBe(400);
});

test('pages and documents come with a strict policy, and are asked for once only', async () => {
  const rides = await start();
  for (const path of ['/', '/page.js', '/style.css', '/openapi.json', '/asyncapi.json', '/problems']) {
    const response = await fetch(rides.url + path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const etag = response.headers.get('etag') ?? '';
    expect(
      (await fetch(rides.url + path, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } }))
        .status,
    ).toBe(304);
    expect(await response.text()).not.toMatch(/\{\{|<script>|style="/);
  }
});
