import { afterEach, expect, test } from '@jest/globals';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import { Unprocessable } from '../../errors.ts';
import type { RideConfirmed } from '../../messages.ts';
import { type ConsumeOptions, consume } from '../consume.ts';

const it = useBroker();
const running: TestService<'email'>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

/** @param inHand in all; 9 are three keys of each partition */
async function email(handle: ConsumeOptions<'email'>['handle'], inHand = 9) {
  const service = testService('email', it.brokers);
  running.push(service);
  await consume(service, { handle, consumerPerPartition: true, inHand });
  return service;
}
/** A ride for each letter, which is its customer. */
const ridesOf = (customers: string) =>
  [...customers].map((letter) => confirm(aRide({ customer_id: `customer_${letter}` })));
const write = (partition: number, rides: RideConfirmed[]) =>
  it.log.write(
    'ride_confirmed',
    ...rides.map((ride) => ({ ...toPartition(partition, ride), key: ride.customer_id })),
  );
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
const noLag = (service: TestService<'email'>) =>
  eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));

test('a slow customer delays no other customer of the partition, and the order of each customer is kept', async () => {
  const rides = ridesOf('aabcab');
  const [a1, a2, b1, c1, a3, b2] = idsOf(rides);
  const handled: string[] = [];
  const gate = Promise.withResolvers<void>();
  const service = await email(async ({ value }) => {
    if (value.id === a1) await gate.promise;
    handled.push(value.id);
  });
  await write(0, rides);
  await eventually(() => expect(handled).toEqual(expect.arrayContaining([b1, c1, b2])));
  expect(handled).toHaveLength(3);
  expect(handled.indexOf(b1 as string)).toBeLessThan(handled.indexOf(b2 as string));
  gate.resolve();
  await eventually(() => expect(handled.slice(3)).toEqual([a1, a2, a3]));
  await noLag(service);
});

test('with more partitions than concurrent messages, the limit holds, and each partition gets its turn', async () => {
  const list = [0, 1, 2].map(() => ridesOf('abc'));
  const begun: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  let mostInHand = 0;
  let ended = 0;
  const service = await email(async ({ value }) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    begun.push(value.id);
    mostInHand = Math.max(mostInHand, gates.length - ended);
    await gate.promise;
  }, 2);
  await Promise.all(list.map((rides, partition) => write(partition, rides)));
  for (; ended < 9; ended++) {
    // Two partitions begin at once. At the end one can be left, and it has one key in hand.
    await eventually(() => expect(begun.length).toBeGreaterThanOrEqual(Math.max(ended + 1, 2)));
    gates[ended]?.resolve();
  }
  await noLag(service);
  expect(mostInHand).toBe(2);
  for (const rides of list) expect(begun.filter((id) => idsOf(rides).includes(id))).toEqual(idsOf(rides));
});

test('a failed message is retried before any later one starts, and nothing else is handled twice', async () => {
  const rides = ridesOf('abcdbe');
  const seen: [string, number][] = [];
  let refusals = 3;
  const service = await email(({ value }, attempt) => {
    seen.push([value.id, attempt]);
    if (value.id === rides[1]?.id && refusals-- > 0) throw new Error('450 come back later');
  });
  await write(1, rides);
  await eventually(() => expect(seen.map(([id]) => id)).toContain(rides[5]?.id));
  await noLag(service);
  const [a, b1, c, d, b2, e] = idsOf(rides);
  expect(seen.filter(([id]) => id === b1).map(([, attempt]) => attempt)).toEqual([1, 2, 3, 4]);
  for (const id of [a, c, d, b2, e]) expect(seen.filter((one) => one[0] === id)).toEqual([[id, 1]]);
  const order = seen.map(([id]) => id);
  for (const id of [b2, e])
    expect(order.indexOf(id as string)).toBeGreaterThan(order.lastIndexOf(b1 as string));
  expect(await service.metric('rideflow_retries_total')).toBe(3);
});

test('messages that are handled after a failure are not committed: after a crash they are handled again', async () => {
  const rides = ridesOf('abc');
  const handled: string[] = [];
  const service = await email(({ value }) => {
    handled.push(value.id);
    if (value.id === rides[0]?.id) throw new Error('450 come back later');
  });
  await write(2, rides);
  await eventually(() => expect(handled).toEqual(expect.arrayContaining(idsOf(rides))));
  await eventually(async () => expect(await service.metric('rideflow_retries_total')).toBeGreaterThan(1));
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(3));
  await service.stop(); // it has no memory of them when it starts anew
  const again: string[] = [];
  await noLag(await email(({ value }) => void again.push(value.id)));
  expect(again.toSorted()).toEqual(idsOf(rides).toSorted());
});

test('a message that cannot be processed is a dead letter among others that can', async () => {
  const rides = ridesOf('abcd');
  const handled: string[] = [];
  const service = await email(({ value }) => {
    if (value.id === rides[1]?.id) throw new Unprocessable('550 no such user');
    handled.push(value.id);
  });
  await write(0, rides);
  await noLag(service);
  const others = rides.filter((_, i) => i !== 1);
  await eventually(() => expect(handled.toSorted()).toEqual(idsOf(others).toSorted()));
  await eventually(() => {
    const parked = it.log.on('ride_confirmed.email.dlq').map(({ value }) => value?.id);
    expect(parked).toEqual([rides[1]?.id]);
  });
});

test('a clean stop lets messages in progress finish, and the next process repeats nothing', async () => {
  const rides = ridesOf('aabbccdd');
  const handled: string[] = [];
  const gate = Promise.withResolvers<void>();
  const service = await email(async ({ value }) => {
    handled.push(value.id);
    await gate.promise;
  });
  await write(1, rides);
  await eventually(() => expect(handled).toHaveLength(3));
  const stopped = service.stop();
  gate.resolve();
  await stopped;
  const next = await email(({ value }) => void handled.push(value.id));
  await noLag(next);
  expect(handled.toSorted()).toEqual(idsOf(rides).toSorted());
});

test('another process takes over partitions meanwhile: nothing is lost, and the order of each customer is kept', async () => {
  const list = [0, 1, 2].map((partition) => ridesOf(['abc', 'defgh', 'ijk'][partition]?.repeat(50) ?? ''));
  const handled: string[] = [];
  const handle: ConsumeOptions<'email'>['handle'] = async ({ value }) => {
    handled.push(value.id);
    await new Promise(setImmediate);
  };
  const first = await email(handle);
  await Promise.all(list.map((rides, partition) => write(partition, rides)));
  await eventually(() => expect(handled.length).toBeGreaterThan(50));
  const second = await email(handle);
  await noLag(second);
  await first.stop();
  const firstTime = [...new Set(handled)];
  expect(firstTime).toHaveLength(list.flat().length);
  for (const rides of list)
    for (const [customer, own] of Map.groupBy(rides, ({ customer_id }) => customer_id))
      expect([customer, firstTime.filter((id) => own.some((ride) => ride.id === id))]).toEqual([
        customer,
        idsOf(own),
      ]);
});
