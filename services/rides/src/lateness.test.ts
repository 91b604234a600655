import { afterEach, expect, jest, test } from '@jest/globals';
import { FakeLog, request, startRides } from './fixtures.ts';
import { measureLateness } from './lateness.ts';

let rides: Awaited<ReturnType<typeof startRides>> | undefined;
afterEach(() => rides?.stop());

test('a booking that waited too long to be read is refused at once, and nothing of it is published', async () => {
  const log = new FakeLog();
  let late = 0;
  rides = await startRides(log, { lateness: () => late });
  const { post, url } = rides;
  expect((await post('/rides', request)).status).toBe(202);
  late = 1001;
  for (const [path, body] of [
    ['/rides', request],
    ['/rides/batch', [request]],
  ] as const) {
    const response = await post(path, body);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ type: '/problems#busy', title: 'Overloaded' });
  }
  expect((await fetch(`${url}/rides`)).status).toBe(200); // whoever only looks is served
  late = 1000;
  expect((await post('/rides', request)).status).toBe(202);
  expect(log.rides).toHaveLength(2);
});

test('a request that is read in a long turn of the event loop is late, and one in the next turn is not', () => {
  jest.useFakeTimers();
  let time = 0;
  const lateness = measureLateness(() => time);
  time = 1300; // nothing else had its turn meanwhile
  expect(lateness()).toBe(1100);
  jest.advanceTimersByTime(200);
  expect(lateness()).toBe(0);
  jest.useRealTimers();
});
