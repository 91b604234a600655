import { expect, test } from '@jest/globals';
import { Unavailable } from '@rideflow/shared/kafka/publish.ts';
import { FakeLog, request, startRides } from './fixtures.ts';

test('each answer of /rides is counted by its status, and a refusal has a series before the first one', async () => {
  const log = new FakeLog();
  let late = 0;
  const rides = await startRides(log, { lateness: () => late });
  const counted = async () => {
    const { values } = (await rides.metrics.getMetricsAsJSON()).at(0) ?? { values: [] };
    return Object.fromEntries(values.map(({ labels, value }) => [labels.status, value]));
  };
  try {
    expect(await counted()).toEqual({ 202: 0, 500: 0, 503: 0 });
    await rides.post('/rides', request);
    await rides.post('/rides', 'no JSON');
    await fetch(`${rides.url}/readyz`);
    log.failure = new Unavailable('Kafka does not answer', 2);
    await rides.post('/rides', request);
    await rides.post('/rides/batch', [request]);
    late = 1001;
    await rides.post('/rides', request);
    expect(await counted()).toEqual({ 202: 1, 400: 1, 500: 0, 503: 3 });
  } finally {
    await rides.stop();
  }
});
