import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { useBroker } from '../../test/support/broker.ts';
import { type Child, startChild } from '../../test/support/child.ts';
import { eventually } from '../../test/support/eventually.ts';
import { aRide, confirm, toPartition } from '../../test/support/rides.ts';
import type { Guarantee, ReaderName } from './topology.ts';

const it = useBroker();
const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
});

function start(name: ReaderName, GUARANTEE: Guarantee, CRASH = 'never', CRASH_ID = 'nowhere'): Child {
  const env = { KAFKA_BROKERS: it.brokers.join(), GUARANTEE, CRASH, CRASH_ID };
  const child = startChild(join(import.meta.dirname, 'fixtures', 'crasher.ts'), env, [name]);
  children.push(child);
  return child;
}
const effects = ({ messages }: Child) =>
  messages.flatMap((message) => (message as { effect?: string }).effect ?? []);

/** The effects of four rides of one partition, of which the second crashes its reader, in the two processes. */
async function crashAndGoOn(name: ReaderName, guarantee: Guarantee, crash: string) {
  const rides = Array.from({ length: 4 }, () => aRide());
  const topic = name === 'transaction' ? 'ride_details' : 'ride_confirmed';
  const messages = rides.map((ride) => toPartition(0, name === 'transaction' ? ride : confirm(ride)));
  const ids = rides.map(({ id }) => id);
  const first = start(name, guarantee, crash, ids[1]);
  await first.sent({ ready: name });
  await it.log.write(topic, ...messages.slice(0, 3)); // one batch
  expect(await first.ended).toBe('SIGKILL');
  const second = start(name, guarantee);
  await it.log.write(topic, ...messages.slice(3));
  await second.sent({ effect: ids[3] });
  const mark = (list: string[]) => list.filter((id) => ids.includes(id)).map((id) => ids.indexOf(id));
  return { ids, before: mark(effects(first)), after: mark(effects(second)) };
}

// Each waits until Kafka has given up the killed member, so they are run side by side.
test('a crash repeats an effect under at least once, loses it under at most once, and does neither under exactly once', async () => {
  const [atLeast, atMost, beforeTheEnd] = await Promise.all([
    crashAndGoOn('email', 'at-least-once', 'after the effect'),
    crashAndGoOn('analytics', 'at-most-once', 'before the effect'),
    crashAndGoOn('transaction', 'exactly-once', 'before the end'),
  ]);
  expect(atLeast).toMatchObject({ before: [0, 1], after: [0, 1, 2, 3] });
  expect(atMost).toMatchObject({ before: [0], after: [3] });
  await decidedOnce(beforeTheEnd.ids);
  expect(beforeTheEnd).toMatchObject({ before: [0, 1, 2], after: [0, 1, 2, 3] });
});

test('nor does a crash right after the end of a transaction, before the answer', async () => {
  const afterTheEnd = await crashAndGoOn('transaction', 'exactly-once', 'after the end');
  await decidedOnce(afterTheEnd.ids);
  expect(afterTheEnd).toMatchObject({ before: [0, 1, 2], after: [3] });
});

/** What a reader of the topic sees: each ride once, in order. */
const decidedOnce = (ids: string[]) =>
  eventually(() => {
    const found = it.log.on('ride_confirmed').map(({ value }) => String(value?.id));
    expect(found.filter((id) => ids.includes(id))).toEqual(ids);
  });
