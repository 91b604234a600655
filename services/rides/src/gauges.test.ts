import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { registerGauges } from './gauges.ts';

test('waiting rides and the age of the oldest are metrics, once the topics are read', async () => {
  const registry = new Registry();
  let [caughtUp, waiting] = [false, { rides: 3, since: 1000 as number | null }];
  registerGauges(
    registry,
    { waiting: () => waiting },
    () => caughtUp,
    () => 31_500,
  );
  const values = async () => (await registry.metrics()).split('\n').filter((line) => /^rideflow/.test(line));
  expect(await values()).toEqual([]);
  caughtUp = true;
  expect(await values()).toEqual(['rideflow_rides_waiting 3', 'rideflow_oldest_waiting_ride_seconds 30.5']);
  waiting = { rides: 0, since: null };
  expect(await values()).toEqual(['rideflow_rides_waiting 0', 'rideflow_oldest_waiting_ride_seconds 0']);
});
