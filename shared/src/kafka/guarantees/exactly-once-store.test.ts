import { afterEach, expect, test } from '@jest/globals';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { injectFaults } from '../../../../test/support/faults.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import type { RideConfirmed } from '../../messages.ts';
import type { Received } from '../../reading.ts';
import { consumeInto, type Store } from '../consume.ts';

const it = useBroker();
const running: TestService<'analytics'>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

/** A database: what it holds changes at once or not at all. */
class Memory implements Store<RideConfirmed> {
  readonly next = new Map<number, string>();
  readonly ids: string[][] = [[], [], []];
  /** Throws to refuse a transaction. */
  check: (messages: Received<RideConfirmed>[]) => void = () => {};

  offsets() {
    return this.next;
  }
  apply(partition: number, messages: Received<RideConfirmed>[], nextOffset: string) {
    this.check(messages);
    const stored = BigInt(this.next.get(partition) ?? 0);
    for (const { value, coordinates } of messages)
      if (BigInt(coordinates.offset) >= stored) this.ids[partition]?.push(value.id);
    this.next.set(partition, nextOffset);
  }
}

async function start(store: Memory) {
  const service = testService('analytics', it.brokers);
  running.push(service);
  await consumeInto(service, store);
  return service;
}
/** Everything that was ever written, per partition. */
const written: string[][] = [[], [], []];
async function write(partition: number, count: number) {
  const messages = Array.from({ length: count }, () => confirm(aRide()));
  await it.log.write('ride_confirmed', ...messages.map((message) => toPartition(partition, message)));
  written[partition]?.push(...messages.map(({ id }) => id));
  return messages;
}
const holdsEverything = (store: Memory) => eventually(() => expect(store.ids).toEqual(written));

test('results and offsets change together, each message once, in order', async () => {
  for (const partition of [0, 1, 2]) await write(partition, 300);
  const store = new Memory();
  const service = await start(store);
  await holdsEverything(store);
  expect(store.next).toEqual(
    new Map([
      [0, '300'],
      [1, '300'],
      [2, '300'],
    ]),
  );
  await eventually(async () => expect(await service.metric('rideflow_consumer_lag')).toBe(0));
  await eventually(async () => expect(await service.metric('rideflow_messages_processed_total')).toBe(900));
});

test('reading continues at the stored offset, whatever Kafka has committed, and at the start if none is stored', async () => {
  const store = new Memory();
  store.next.set(0, '290');
  store.next.set(1, '300');
  await start(store);
  await write(1, 5);
  const expected = [written[0]?.slice(290), written[1]?.slice(300), written[2]];
  await eventually(() => expect(store.ids).toEqual(expected));
});

test('a store that was deleted is rebuilt from the start', async () => {
  const store = new Memory();
  await start(store);
  await holdsEverything(store);
});

test('a transaction that fails is tried again, and nothing is skipped or counted twice', async () => {
  const store = new Memory();
  let failures = 0;
  store.check = (messages) => {
    if (messages.some(({ value }) => value.id === written[1]?.[100]) && failures++ < 3)
      throw new Error('the disk is full');
  };
  const service = await start(store);
  await holdsEverything(store);
  expect(failures).toBeGreaterThan(3);
  await eventually(async () => expect(await service.metric('rideflow_retries_total')).toBe(3));
  expect(service.failures).toEqual([]);
});

test('what cannot be read is parked, and the offset goes past it', async () => {
  const store = new Memory();
  await start(store);
  await it.log.write('ride_confirmed', toPartition(2, 'poison, into a store'));
  await write(2, 1);
  await holdsEverything(store);
  await eventually(() => {
    const parked = it.log
      .on('ride_confirmed.analytics.dlq')
      .filter(({ text }) => text === 'poison, into a store');
    expect(parked).toMatchObject([{ partition: 2, headers: { dead_letter_by: 'analytics' } }]);
  });
  expect(store.next.get(2)).toBe('302');
});

test('reading continues at its position after the broker was killed', async () => {
  const store = new Memory();
  const service = await start(store);
  await holdsEverything(store);
  await it.kill(0);
  await it.restart(0);
  for (const partition of [0, 1, 2]) await write(partition, 10);
  await holdsEverything(store);
  expect(service.failures).toEqual([]);
});

test('an error of Kafka at the start is waited for: the service starts as soon as Kafka answers', async () => {
  const faults = injectFaults();
  try {
    const lost = faults.loseOne('answer', 'ListOffsets', 'analytics');
    const store = new Memory();
    await start(store);
    await lost;
    await holdsEverything(store);
  } finally {
    faults.remove();
  }
});
