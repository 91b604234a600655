import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Listener, listenTo } from '../../../../test/support/listener.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import { Unprocessable } from '../../errors.ts';
import type { FeedEntry } from '../../feed.ts';
import { rideDetails } from '../../topics.ts';
import type { ServiceName } from '../../topology.ts';
import { consume } from '../consume.ts';
import { createPublisher } from '../publish.ts';

const it = useBroker();
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

/** A service whose feed can be listened to. */
async function start<S extends ServiceName>(name: S, env?: NodeJS.ProcessEnv) {
  const service = testService(name, it.brokers, env);
  running.push(() => service.stop());
  service.http.get('/feed', (request, response) => service.feed.serve(request, response));
  const server: Server = service.http.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(async () => server.closeAllConnections());
  running.push(async () => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
  return Object.assign(service as TestService<S>, {
    listen: async (id?: string) => {
      const listener = await listenTo(url, id);
      running.push(() => listener.close());
      return listener;
    },
  });
}
const write = (partition: number, ...values: (object | string)[]) =>
  it.log.write('ride_details', ...values.map((value) => toPartition(partition, value)));
const entriesOf = (listener: Listener, ...ids: string[]): FeedEntry[] =>
  listener.all('entries').filter(({ ride }) => ids.includes(ride));

test('each message is reported in the order of its partition: when it was read, and when its outcome was durable', async () => {
  const service = await start('transaction');
  await consume(service, { handle: ({ value }) => [confirm(value)] });
  const listener = await service.listen();
  const rides = Array.from({ length: 20 }, () => aRide());
  await write(1, ...rides);
  const ids = rides.map(({ id }) => id);
  await eventually(() => expect(entriesOf(listener, ...ids)).toHaveLength(20));

  const told: FeedEntry[] = listener.all('entries');
  const read = told.filter(({ what }) => what === 'read').map(({ offset }) => offset);
  const done = told.filter(({ what }) => what === 'done');
  expect(done.map(({ ride }) => ride)).toEqual(ids);
  expect(done.map(({ offset }) => offset)).toEqual(read);
  for (const entry of done) {
    const { topic, partition, offset, at, since = 0 } = entry;
    expect(entry).toMatchObject({ topic: 'ride_details', partition: 1, attempt: 1 });
    expect(entry.identity).toMatch(new RegExp(`^${topic}/${partition}/${offset}@\\d{13}$`));
    const { at: readAt = 0 } = told.find((one) => one.what === 'read' && one.offset === offset) ?? {};
    expect(readAt).toBeLessThanOrEqual(since);
    expect(since).toBeLessThanOrEqual(at);
  }
});

test('failed, parked and dropped messages are reported with the reason', async () => {
  const flaky = aRide();
  const service = await start('transaction');
  await consume(service, {
    handle: ({ value }, attempt) => {
      if (value.id === flaky.id && attempt < 3) throw new Error('the bank is busy');
      if (value.customer_id === 'never') throw new Unprocessable('nobody drives there');
      return [confirm(value)];
    },
  });
  const listener = await service.listen();
  await write(0, flaky, aRide({ customer_id: 'never' }));
  await eventually(() => expect(listener.all('entries').at(-1)?.what).toBe('dead letter'));
  const told: FeedEntry[] = listener.all('entries');
  expect(told.map(({ what, attempt, reason }) => [what, attempt, reason])).toEqual([
    ['read', 1, undefined],
    ['retry', 1, 'the bank is busy'],
    ['read', 2, undefined],
    ['retry', 2, 'the bank is busy'],
    ['read', 3, undefined],
    ['read', 1, undefined],
    ['done', 3, undefined],
    ['dead letter', 1, 'nobody drives there'],
  ]);
  const retry = told[1] as FeedEntry;
  expect(retry.until).toBeGreaterThan(retry.at);
  await service.stop();

  const hasty = await start('transaction', { GUARANTEE: 'at-most-once' });
  await consume(hasty, {
    handle: () => {
      throw new Error('busy');
    },
  });
  const other = await hasty.listen();
  await write(0, aRide());
  await eventually(() =>
    expect(other.all('entries').at(-1)).toMatchObject({ what: 'dropped', reason: 'busy' }),
  );
});

test('rides reports when Kafka has stored a request', async () => {
  const service = await start('rides');
  const publisher = await createPublisher(service);
  const listener = await service.listen();
  const ride = aRide();
  const stored = await publisher.publish(rideDetails, ride);
  const entry = (await listener.first('entries')).data[0];
  expect(entry).toMatchObject({ what: 'accepted', ...stored, ride: ride.id, identity: ride.id, attempt: 1 });
  expect(entry.since).toBeLessThanOrEqual(entry.at);
});

test('the status has the partition assignment of the process, with its client id', async () => {
  const service = await start('email');
  await consume(service, { handle: () => {} });
  const listener = await service.listen();
  const { data } = await listener.first('status');
  expect(data).toMatchObject({
    service: 'email',
    pid: process.pid,
    guarantee: 'at-least-once',
    topic: 'ride_confirmed',
    partitions: [0, 1, 2],
    pace: { delay: 0, paused: false, step: false },
    crashPoint: null,
    ready: [],
  });
  expect(await it.log.clientIds('email')).toEqual([data.process]);
  const second = await start('email');
  await consume(second, { handle: () => {} });
  await eventually(() => {
    const { partitions } = listener.all('status').at(-1);
    expect(partitions.length).toBeLessThan(3);
  });
  expect(new Set(await it.log.clientIds('email'))).toEqual(new Set([service.process, second.process]));
});

test('without clients nothing is kept', async () => {
  const service = await start('transaction');
  await consume(service, { handle: ({ value }) => [confirm(value)] });
  const unheard = aRide();
  await write(2, unheard);
  await eventually(() =>
    expect(it.log.on('ride_confirmed').map(({ value }) => value?.id)).toContain(unheard.id),
  );
  expect(service.feed.heard).toBe(false);
  const listener = await service.listen();
  const heard = aRide();
  await write(2, heard);
  await eventually(() => expect(entriesOf(listener, heard.id)).toHaveLength(1));
  // The outcome of the first one may have come meanwhile. That it was read was before, and is not kept.
  expect(listener.all('entries').filter(({ what }: FeedEntry) => what === 'read')).toHaveLength(1);
  expect((await listener.first('status')).id).toBe(`${service.process}.0`);
});
