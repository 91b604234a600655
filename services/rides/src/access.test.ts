import { afterEach, expect, test } from '@jest/globals';
import type { Access } from './access.ts';
import { FakeLog, request, startRides } from './fixtures.ts';

const token = 'a-token-of-this-test';
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
let rides: Awaited<ReturnType<typeof startRides>> | undefined;
let log: FakeLog;
afterEach(async () => {
  await rides?.stop();
});

async function start(access: Partial<Access>) {
  log = new FakeLog();
  rides = await startRides(log, { access: { perSecond: 0, ...access } });
  return rides;
}

test('without the token, no request to /rides gets an answer or has an effect', async () => {
  const { url, post } = await start({ token });
  for (const authorization of [undefined, '', 'Bearer', 'Bearer  ', `Basic ${btoa('a:b')}`, token]) {
    const response = await post('/rides', request, authorization === undefined ? {} : { authorization });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="rideflow"',
    ]);
    expect(await response.json()).toMatchObject({ status: 401, title: 'Unauthorized' });
  }
  for (const path of ['/rides', '/RIDES', '/rides/', '/rides/some', '/rides?limit=1', '/rides/batch'])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 401]);
  for (const path of ['/%72ides', '//rides', '/./rides/../%2e/rides%2f'])
    expect([path, [401, 404].includes((await fetch(url + path)).status)]).toEqual([path, true]);
  expect((await post('/rides/batch', [request])).status).toBe(401);
  expect(log.rides).toEqual([]);
});

test('a wrong token is an invalid one, however close it comes', async () => {
  const { post } = await start({ token });
  for (const wrong of [
    `${token}x`,
    token.slice(1),
    token.toUpperCase(),
    'x'.repeat(8000),
    `${token},${token}`,
  ]) {
    const response = await post('/rides', request, bearer(wrong));
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="rideflow", error="invalid_token"',
    ]);
    expect(await response.text()).not.toContain(token);
  }
  expect(log.rides).toEqual([]);
});

test('with the token rides are booked and told; the scheme may be in any case', async () => {
  const { url, post } = await start({ token });
  expect((await post('/rides', request, bearer(token))).status).toBe(202);
  const response = await fetch(`${url}/rides`, { headers: { authorization: `bEARER ${token}` } });
  expect(response.status).toBe(200);
});

test('the page, its documents and the health need no token', async () => {
  const { url } = await start({ token });
  for (const path of ['/', '/page.js', '/openapi.json', '/problems', '/readyz'])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
});

test('a client above the limit learns when to retry, and guessing tokens is slowed down too', async () => {
  const { url, post } = await start({ token, perSecond: 5 });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () =>
      // A header that anybody can write makes nobody another client.
      post('/rides', request, { ...bearer('guess'), 'x-forwarded-for': `10.0.0.${Math.random()}` }),
    ),
  );
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(20);
  const [first] = limited;
  expect(Number(first?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(first?.headers.get('content-type')).toBe('application/problem+json');
  expect(first?.headers.get('ratelimit')).toContain('r=0');
  expect(first?.headers.get('ratelimit-policy')).toContain('q=5');
  expect(await first?.json()).toMatchObject({ status: 429, detail: expect.stringContaining('more than 5') });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('without a limit and a token, every request is answered, and no header mentions them', async () => {
  const { post } = await start({});
  const answers = await Promise.all(Array.from({ length: 100 }, () => post('/rides', request)));
  expect(answers.every(({ status, headers }) => status === 202 && !headers.has('ratelimit'))).toBe(true);
});
