/** Services that stop, die and multiply while rides are on their way. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../infra/broker/ports.ts';
import type { ProcessName } from '../infra/system/system.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

/** So many rides can be asked for. */
const shown = 60;
let it: TestSystem;
beforeAll(async () => {
  it = await startTestSystem({ rides: { VIEW_RIDES: String(shown) } });
});
afterAll(() => it?.stop());

const customers = 7;
const customerOf = new Map<string, string>();
const location = { lat: 12.97, long: 77.59 };

/** Books rides, runs something in the middle of it, and returns the ids in the order of booking. */
async function bookAround(count: number, happening: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let happened: Promise<void> | null = null;
  for (let i = 0; i < count; i++) {
    if (i === Math.floor(count / 3)) happened = happening();
    const customer_id = `user_${i % customers}`;
    const { id } = await it.book({ customer_id, location });
    customerOf.set(id, customer_id);
    ids.push(id);
  }
  await happened;
  return ids;
}

/** Every ride decided once and in order per customer, counted once, and mailed `mails` times. */
async function expectAllDone(ids: string[], mails: 'once' | 'at least once') {
  await eventually(() => expect(new Set(decisionsOf(ids))).toEqual(new Set(ids)));
  await eventually(() => {
    for (const id of ids) {
      const count = it.mailbox.about(id).length;
      if (mails === 'once') expect(count).toBe(1);
      else expect(count).toBeGreaterThanOrEqual(1);
    }
  });
  const decided = decisionsOf(ids);
  expect(decided).toHaveLength(ids.length);
  const perCustomer = (list: string[]) => Object.groupBy(list, (id) => customerOf.get(id) as string);
  expect(perCustomer(decided)).toEqual(perCustomer(ids));
  for (const id of ids) expect(new Set(it.mailbox.about(id).map(({ messageId }) => messageId)).size).toBe(1);
  await eventually(async () => {
    expect((await it.stats()).overall.rides).toBe(it.log.on('ride_confirmed').length);
  });
}

function decisionsOf(ids: string[]): string[] {
  const wanted = new Set(ids);
  return it.log
    .on('ride_confirmed')
    .map(({ value }) => String(value?.id))
    .filter((id) => wanted.has(id));
}

async function restart(name: ProcessName, signal: NodeJS.Signals) {
  const status = await it.system.children.get(name)?.stop(signal);
  if (signal === 'SIGTERM') expect(status).toBe(0);
  it.system.run(name);
  await it.system.ready(name);
}

test.each(['transaction', 'email', 'analytics'] as const)(
  '%s stopped and started again in mid-flow: every ride is decided, mailed and counted once',
  async (name) => {
    const ids = await bookAround(60, () => restart(name, 'SIGTERM'));
    await expectAllDone(ids, 'once');
  },
);

test.each(['transaction', 'email', 'analytics'] as const)(
  '%s killed in mid-flow: every ride is decided and counted once, and mailed at least once under one Message-ID',
  async (name) => {
    const ids = await bookAround(60, () => restart(name, 'SIGKILL'));
    await expectAllDone(ids, 'at least once');
  },
);

test('rides stopped and started again: what it accepted is kept, and it still knows the rides from before', async () => {
  const before = (await it.book({ customer_id: 'user_0', location })).id;
  await restart('rides', 'SIGTERM');
  const after = (await it.book({ customer_id: 'user_0', location })).id;
  await expectDecided(before, after);
  await restart('rides', 'SIGKILL');
  await expectDecided(before, after);
});

async function expectDecided(...ids: string[]) {
  for (const id of ids) await eventually(async () => expect((await it.ride(id)).status).toBe('confirmed'));
}

test('rides started again shows every ride as it did before', async () => {
  // One by one, so that each decision is a transaction of its own; and mostly of one customer, so that one partition has most of them.
  for (let i = 0; i < shown; i++) {
    const { id } = await it.book({ customer_id: `user_${i % 3 === 0 ? i % customers : 0}`, location });
    await eventually(async () => expect((await it.ride(id)).status).toBe('confirmed'));
  }
  const list = async () => {
    const response = await fetch(`${it.system.url('rides')}/rides?limit=${shown}`);
    return ((await response.json()) as { rides: object[] }).rides;
  };
  const before = await list();
  expect(before).toHaveLength(shown);
  await restart('rides', 'SIGTERM');
  expect(await list()).toEqual(before);
});

test('two transaction processes share the partitions, and one continues alone', async () => {
  const [port = 0] = await freePorts(1);
  const second = it.system.run('transaction', { as: 'transaction-2', port });
  const url = `http://localhost:${port}`;
  const ids = await bookAround(60, async () => {
    await it.system.ready('transaction', 120_000, url);
    await eventually(async () => expect(await it.log.members('transaction')).toBe(2));
  });
  const more = await bookAround(60, async () => {
    const processed = /rideflow_messages_processed_total\{[^}]*\} ([1-9]\d*)/;
    await eventually(async () => expect(await (await fetch(`${url}/metrics`)).text()).toMatch(processed));
    expect(await second.stop()).toBe(0);
    await eventually(async () => expect(await it.log.members('transaction')).toBe(1));
  });
  await expectAllDone([...ids, ...more], 'once');
});

test('a request that Kafka has twice is decided once, even if transaction was restarted in between', async () => {
  const { id, stored } = await it.book({ customer_id: 'user_0', location });
  await eventually(() => expect(decisionsOf([id])).toHaveLength(1));
  const written = await eventually(() => {
    const found = it.log.on('ride_details').find(({ value }) => value?.id === id);
    if (!found) throw new Error('the log of this test has not read the request yet');
    return found;
  });
  const again = {
    key: 'user_0',
    value: written.text,
    headers: written.headers,
    partition: stored.partition,
  };
  const repeats = () => it.metric('transaction', /^rideflow_messages_repeated_total/);

  await it.log.write('ride_details', again, again);
  await eventually(async () => expect(await repeats()).toBe(2));
  await restart('transaction', 'SIGKILL');
  await it.log.write('ride_details', again);
  await eventually(async () => expect(await repeats()).toBe(1));
  expect(decisionsOf([id])).toHaveLength(1);
});
