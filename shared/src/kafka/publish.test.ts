import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../test/support/faults.ts';
import { aRide } from '../../../test/support/rides.ts';
import { type TestService, testService } from '../../../test/support/service.ts';
import type { RideDetails } from '../messages.ts';
import { rideDetails, type Topic } from '../topics.ts';
import { createPublisher, OutcomeUnknown, type Publisher, TooLarge, Unavailable } from './publish.ts';

const it = useBroker();
let faults: Faults;
let service: TestService<'rides'>;
let publisher: Publisher;
beforeAll(() => {
  faults = injectFaults();
});
afterAll(() => faults.remove());
beforeEach(async () => {
  service = testService('rides', it.brokers);
  publisher = await createPublisher(service);
});
afterEach(async () => {
  faults.heal();
  await service.stop();
});

/** How often a ride is on the topic, once it is there. */
const copies = (ride: RideDetails) =>
  eventually(() => {
    const found = it.log.on('ride_details').filter(({ value }) => value?.id === ride.id);
    expect(found.length).toBeGreaterThan(0);
    return found;
  });

test('a message is at its coordinates, with its id', async () => {
  const ride = aRide();
  const coordinates = await publisher.publish(rideDetails, ride);
  const [entry] = await copies(ride);
  expect(entry).toMatchObject({
    ...coordinates,
    key: ride.customer_id,
    value: ride,
    headers: { ce_id: ride.id, ce_source: '/rideflow/rides' },
  });
});

test('the trace of the caller continues', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const ride = aRide();
  await publisher.publish(rideDetails, ride, { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
  const [entry] = await copies(ride);
  expect(entry?.headers.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
});

// murmur2 as in the tests of Kafka's own Java client (org.apache.kafka.common.utils.UtilsTest).
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('customer %s is on the partition that the Java client chooses', async (customer_id, hash) => {
  const { partition } = await publisher.publish(rideDetails, aRide({ customer_id }));
  expect(partition).toBe((hash & 0x7fffffff) % 3);
});

/** Takes what the schema would not. */
const roomy: Topic<RideDetails> = { ...rideDetails, schema: z.any() };

test('a message that is too large is rejected, and the others are not', async () => {
  const [before, large, after] = [aRide(), aRide({ customer_email: 'x'.repeat(1_000_000) }), aRide()];
  const [first, refused, last] = await Promise.allSettled(
    [before, large, after].map((ride) => publisher.publish(roomy, ride as RideDetails)),
  );
  expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(TooLarge) });
  expect(refused).toMatchObject({
    reason: { message: expect.stringMatching(/the message has \d+ bytes, but the limit is 900000/) },
  });
  expect([first?.status, last?.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(await copies(after)).toHaveLength(1);
});

test('an invalid message is rejected, and the publisher continues', async () => {
  await expect(publisher.publish(rideDetails, aRide({ customer_id: 'a b' }))).rejects.toThrow(
    /invalid message/,
  );
  await expect(publisher.publish(rideDetails, aRide())).resolves.toHaveProperty('offset');
});

test('a full queue rejects at once, and accepted messages are written', async () => {
  // In one turn of the event loop, so that nothing can leave meanwhile: 21 of them fill the 16 MiB of the queue.
  const rides = Array.from({ length: 21 }, () => aRide({ customer_email: 'x'.repeat(800_000) }));
  const accepted = rides.map((ride) => publisher.publish(roomy, ride));
  const refused = publisher.publish(rideDetails, aRide());
  await expect(refused).rejects.toThrow(Unavailable);
  await expect(refused).rejects.toMatchObject({
    message: 'too many messages are waiting for Kafka',
    retryAfter: 1,
  });
  // On a busy machine the last of them take longer than a caller waits; they are written all the same.
  for (const outcome of await Promise.allSettled(accepted))
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(OutcomeUnknown);
  const ids = new Set<unknown>(rides.map(({ id }) => id));
  await eventually(() => {
    const written = it.log.on('ride_details').filter(({ value }) => ids.has(value?.id));
    expect(written).toHaveLength(rides.length);
  });
});

test('a silent Kafka: the outcome of waiting messages is unknown, the next one is rejected, and everything works once it answers', async () => {
  await publisher.publish(rideDetails, aRide());
  expect(service.waiting()).toEqual([]);
  faults.silence('Produce', 'rides');
  const waiting = aRide();
  const unknown: OutcomeUnknown = await publisher.publish(rideDetails, waiting).then(fail, (error) => error);
  expect(unknown).toMatchObject({ name: 'OutcomeUnknown', message: 'Kafka did not answer within 5000 ms' });

  const refused = aRide();
  await expect(publisher.publish(rideDetails, refused)).rejects.toMatchObject({
    name: 'Unavailable',
    message: 'Kafka does not answer',
    retryAfter: 2,
  });
  expect(service.waiting()).toEqual(['Kafka does not answer']);

  faults.heal();
  expect(await copies(waiting)).toHaveLength(1);
  await eventually(() => expect(service.waiting()).toEqual([]));
  const next = aRide();
  await publisher.publish(rideDetails, next);
  await copies(next);
  expect(it.log.on('ride_details').filter(({ value }) => value?.id === refused.id)).toEqual([]);
});

test('an unavailable Kafka: the same, and nothing is lost or repeated when it is back', async () => {
  await publisher.publish(rideDetails, aRide());
  await it.kill(0);
  const waiting = aRide();
  await expect(publisher.publish(rideDetails, waiting)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  await expect(publisher.publish(rideDetails, aRide())).rejects.toMatchObject({ name: 'Unavailable' });
  await it.restart(0);
  expect(await copies(waiting)).toHaveLength(1);
});

test('a publisher that stops refuses, and lets what it accepted reach Kafka', async () => {
  const ride = aRide();
  const accepted = publisher.publish(rideDetails, ride);
  const stopped = service.stop();
  await expect(publisher.publish(rideDetails, aRide())).rejects.toMatchObject({
    name: 'Unavailable',
    message: 'this process is stopping',
  });
  await expect(accepted).resolves.toHaveProperty('offset');
  await stopped;
  expect(await copies(ride)).toHaveLength(1);
});

function fail(): never {
  throw new Error('it was written');
}
