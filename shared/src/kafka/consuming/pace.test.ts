import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { useBroker } from '../../../../test/support/broker.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../../test/support/faults.ts';
import { Log } from '../../../../test/support/log.ts';
import { aRide, confirm, toPartition } from '../../../../test/support/rides.ts';
import { type TestService, testService } from '../../../../test/support/service.ts';
import type { RideDetails } from '../../messages.ts';
import { consume } from '../consume.ts';

const it = useBroker();
let faults: Faults;
beforeAll(() => {
  faults = injectFaults();
});
afterAll(() => faults.remove());
const running: TestService<'transaction'>[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

async function start(pace: Parameters<TestService<'transaction'>['pace']['set']>[0], GUARANTEE?: string) {
  const service = testService('transaction', it.brokers, GUARANTEE ? { GUARANTEE } : {});
  running.push(service);
  service.pace.set(pace);
  const handled: string[] = [];
  await consume(service, {
    handle: ({ value }) => {
      handled.push(value.id);
      return [confirm(value)];
    },
  });
  return Object.assign(service, { handled });
}
const rides = (count: number) => Array.from({ length: count }, () => aRide());
const idsOf = (list: RideDetails[]) => list.map(({ id }) => id);
const write = (partition: number, ...list: RideDetails[]) =>
  it.log.write('ride_details', ...list.map((ride) => toPartition(partition, ride)));
const decided = (list: RideDetails[], log = it.log) =>
  log.on('ride_confirmed').flatMap(({ value }) => list.find(({ id }) => id === value?.id)?.id ?? []);
const held = (service: TestService<'transaction'>, where: string) =>
  eventually(() => {
    const [first] = service.pace.held;
    expect(first?.where).toBe(where);
    return first;
  });

test('a paused process handles nothing and stays in its group; after it is resumed, it continues in order', async () => {
  const service = await start({ paused: true });
  const list = rides(5);
  await write(0, ...list);
  await held(service, 'before its handling');
  const beats = faults.sent('Heartbeat', 'transaction');
  await eventually(() => expect(faults.sent('Heartbeat', 'transaction')).toBeGreaterThan(beats + 3));
  expect(service.handled).toEqual([]);
  expect(service.waiting()).toEqual([]);
  service.pace.set({ paused: false });
  await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
  expect(service.handled).toEqual(idsOf(list));
  expect(service.lines.filter(({ msg }) => msg === 'joined the group')).toHaveLength(1);
});

test('step by step each message is handled, written into an open transaction, and committed', async () => {
  const service = await start({ step: true });
  const uncommitted = new Log(it.brokers, true);
  await uncommitted.start();
  const list = rides(3);
  await write(1, ...list);
  for (const [n, { id }] of list.entries()) {
    const before = await held(service, 'before its handling');
    expect(service.handled).toHaveLength(n);
    expect(service.pace.step()).toEqual(before);
    expect(await held(service, 'in the open transaction')).toEqual({
      ...before,
      where: 'in the open transaction',
      until: expect.any(Number),
    });
    // Written, and nobody who reads committed messages sees it.
    await eventually(() => expect(decided(list, uncommitted)).toContain(id));
    expect(decided(list)).not.toContain(id);
    service.pace.step();
    await eventually(() => expect(decided(list)).toContain(id));
  }
  expect(service.handled).toEqual(idsOf(list));
  await uncommitted.stop();
});

test('one step moves one message, whatever waits on the other partitions', async () => {
  const list = rides(3);
  for (const [partition, ride] of list.entries()) await write(partition, ride);
  const service = await start({ step: true }, 'at-least-once');
  await eventually(() => expect(service.pace.held).toHaveLength(3));
  service.pace.step();
  await eventually(() => expect(decided(list)).toHaveLength(1));
  expect(service.handled).toHaveLength(1);
  expect(service.pace.held).toHaveLength(2);
  service.pace.set({ step: false });
  await eventually(() => expect(decided(list)).toHaveLength(3));
});

test('in slow motion each message has its own transaction', async () => {
  const list = rides(4);
  await write(2, ...list);
  const before = faults.sent('TxnOffsetCommit', 'transaction');
  await start({ delay: 1 });
  await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
  expect(faults.sent('TxnOffsetCommit', 'transaction')).toBeGreaterThanOrEqual(before + 4); // one may be sent again
});

test.each(['before its handling', 'in the open transaction'] as const)(
  'a process that is stopped while a message is held %s leaves nothing half done',
  async (where) => {
    const service = await start({ step: true });
    const list = rides(3);
    await write(0, ...list);
    await held(service, 'before its handling');
    if (where === 'in the open transaction') {
      service.pace.step();
      await held(service, where);
    }
    await service.stop();
    expect(service.pace.held).toEqual([]);
    const next = await start({});
    await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
    expect([...service.handled, ...next.handled]).toEqual(idsOf(list));
  },
);

test('a paused process hands over partitions to one that joins', async () => {
  const lists = [rides(2), rides(2), rides(2)];
  for (const [partition, list] of lists.entries()) await write(partition, ...list);
  const paused = await start({ paused: true });
  await eventually(() => expect(paused.pace.held).toHaveLength(3));
  const other = await start({});
  await eventually(() => expect(other.handled.length).toBeGreaterThanOrEqual(2));
  expect(paused.handled).toEqual([]);
  await eventually(() => expect(paused.pace.held.length).toBeLessThan(3));
  paused.pace.set({ paused: false });
  for (const list of lists) await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
  expect([...paused.handled, ...other.handled].sort()).toEqual(lists.flatMap(idsOf).sort());
});

test('a transaction that is held open is finished when another process joins, and nothing is decided twice', async () => {
  const lists = [rides(2), rides(2), rides(2)];
  for (const [partition, list] of lists.entries()) await write(partition, ...list);
  const stepping = await start({ step: true });
  await held(stepping, 'before its handling');
  stepping.pace.step();
  await eventually(() =>
    expect(stepping.pace.held.map(({ where }) => where)).toContain('in the open transaction'),
  );
  const other = await start({});
  await eventually(() =>
    expect(stepping.pace.held.map(({ where }) => where)).not.toContain('in the open transaction'),
  );
  stepping.pace.set({ step: false });
  for (const list of lists) await eventually(() => expect(decided(list)).toEqual(idsOf(list)));
  expect([...stepping.handled, ...other.handled].sort()).toEqual(lists.flatMap(idsOf).sort());
});
