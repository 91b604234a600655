/** Dead letters, from the parking place back to work. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorkbench, type Workbench } from '@rideflow/shared/dead-letters/workbench.ts';
import { toolClient } from '../infra/dlq/client.ts';
import { setFields } from '../infra/dlq/edit.ts';
import type { Entry } from './support/log.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';
import { runTool } from './support/tool.ts';

let it: TestSystem;
let workbench: Workbench;
beforeAll(async () => {
  it = await startTestSystem();
  workbench = await openWorkbench(toolClient('dlq', {}, it.broker.brokers.join()));
});
afterAll(async () => {
  await workbench?.close();
  await it?.stop();
});

const location = { lat: 12.97, long: 77.59 };
let made = 0;
const aCustomer = () => `dlq_${made++}`;

/** Runs a tool as a person would. */
const run = (tool: 'dlq' | 'poison', ...args: string[]) =>
  runTool(tool, args, { EDITOR: process.env.EDITOR, KAFKA_BROKERS: it.broker.brokers.join() });

const place = ({ topic, partition, offset }: Pick<Entry, 'topic' | 'partition' | 'offset'>) =>
  `${topic}/${partition}/${offset}`;
/** The dead letter with this text in its value, as soon as it is parked. */
const parked = (topic: string, text: string) =>
  eventually(() => {
    const entry = it.log.on(topic).find((entry) => entry.text.includes(text));
    if (!entry) throw new Error(`nothing parked: ${it.lines.slice(-10).join('\n')}`);
    return entry;
  });
const decisionsOf = (customer: string) =>
  it.log.on('ride_confirmed').filter(({ value }) => value?.customer_id === customer);
const mailsTo = (address: string) => it.mailbox.mails.filter(({ to }) => to === address);
const counted = async () => (await it.stats()).overall.rides;
/** The messages that analytics is to count. */
function forAnalytics(): number {
  const unreadable = new Set(
    it.log.on('ride_confirmed.analytics.dlq').map(({ headers }) => headers.dead_letter_from),
  );
  return it.log
    .on('ride_confirmed')
    .filter((entry) => [undefined, 'analytics'].includes(entry.headers.replay_for))
    .filter((entry) => !unreadable.has(place(entry))).length;
}
/** A ride booked and mailed now comes after all that was sent before: what that was to do, it has done. */
async function pass(partitions = 3) {
  for (let partition = 0; partition < partitions; partition++) {
    const customer = aCustomer();
    await it.log.write('ride_details', {
      partition,
      value: JSON.stringify({ customer_id: customer, location }),
    });
    await eventually(() => expect(mailsTo(`${customer}@example.com`)).toHaveLength(1));
    // The log reads for itself, perhaps later, and each topic for itself.
    await eventually(() => {
      expect(decisionsOf(customer)).toHaveLength(1);
      expect(it.log.on('ride_details').filter(({ text }) => text.includes(`"${customer}"`))).toHaveLength(1);
    });
  }
  await eventually(async () => expect(await counted()).toBe(forAnalytics()));
}

test('a ride that could not be read is edited and replayed: it is confirmed, mailed once and counted once', async () => {
  const customer = aCustomer();
  const poison = { customer_id: customer, location: { lat: 1297, long: 77.59 } };
  await it.log.write('ride_details', {
    key: customer,
    value: JSON.stringify(poison),
    headers: { note: 'kept' },
  });
  const letter = await parked('ride_details.transaction.dlq', customer);
  const before = await counted();

  const unchanged = await workbench.replay([place(letter)]);
  expect(unchanged).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('location.lat') }]);

  const change = setFields(['location.lat=12.97']);
  const [outcome] = await workbench.replay([place(letter)], { change });
  expect(outcome).toMatchObject({ outcome: 'done', letter: { resolved: { by: 'replay' } } });
  await eventually(() => expect(mailsTo(`${customer}@example.com`)).toHaveLength(1));
  const replay = await eventually(() => {
    const found = it.log.on('ride_details').find(({ headers }) => headers.replayed_from === place(letter));
    if (!found) throw new Error('the log of this test has not read it yet');
    return found;
  });
  expect(replay).toMatchObject({
    key: customer,
    partition: letter.partition,
    value: { customer_id: customer, location },
    headers: {
      note: 'kept',
      replay_for: 'transaction',
      ce_id: `${letter.headers.dead_letter_from}@${letter.headers.dead_letter_timestamp}`,
    },
  });
  expect(Object.keys(replay.headers).filter((name) => name.startsWith('dead_letter'))).toEqual([]);
  expect(outcome?.letter.resolved?.as).toBe(place(replay));

  await pass();
  expect(decisionsOf(customer)).toHaveLength(1);
  expect(decisionsOf(customer)[0]?.headers).not.toHaveProperty('replay_for');
  expect(mailsTo(`${customer}@example.com`)).toHaveLength(1);
  expect(await counted()).toBe(before + 1 + 3);
  const id = String(decisionsOf(customer)[0]?.value?.id);
  await eventually(async () =>
    expect(await it.ride(id)).toMatchObject({ status: 'confirmed', customer_id: customer }),
  );
});

test('replaying twice has no second effect, and says when it was replayed', async () => {
  const customer = aCustomer();
  await it.log.write('ride_details', { value: `{"customer": "${customer}"}` });
  const letter = await parked('ride_details.transaction.dlq', customer);
  const args = ['replay', place(letter), '--set', `customer_id=${customer}`];

  const first = await run('dlq', ...args);
  expect(first).toMatchObject({ code: 0, err: '' });
  const second = await run('dlq', ...args);
  expect(second).toMatchObject({ code: 0, err: '' });
  const when = /replayed at (\S+) as ride_details\/\d+\/\d+/;
  expect(second.out).toMatch(/was already replayed at/);
  expect(when.exec(second.out)?.[0]).toBe(when.exec(first.out)?.[0]);
  await pass();
  expect(decisionsOf(customer)).toHaveLength(1);
  expect(
    it.log.on('ride_details').filter(({ headers }) => headers.replayed_from === place(letter)),
  ).toHaveLength(1);

  // Forced, the ride is recognised by its identity all the same: it is decided once.
  expect((await run('dlq', ...args, '--again')).code).toBe(0);
  await pass();
  expect(
    it.log.on('ride_details').filter(({ headers }) => headers.replayed_from === place(letter)),
  ).toHaveLength(2);
  expect(decisionsOf(customer)).toHaveLength(1);
});

test('a permanently rejected mail is replayed when the address works: one more mail, and the count is unchanged', async () => {
  const customer = aCustomer();
  const address = `${customer}@example.com`;
  it.mailbox.refuse = (to) => (to === address ? { code: 550, message: '5.1.1 no such user' } : null);
  const { id } = await it.book({ customer_id: customer, location });
  const letter = await parked('ride_confirmed.email.dlq', id);
  expect(letter.headers.dead_letter_reason).toContain('no such user');
  await pass();
  const [before, decisions] = [await counted(), it.log.on('ride_confirmed').length];

  it.mailbox.refuse = () => null;
  expect(await workbench.replay([place(letter)])).toMatchObject([{ outcome: 'done' }]);
  await eventually(() => expect(it.mailbox.about(id)).toHaveLength(1));
  await eventually(() => expect(it.log.on('ride_confirmed')).toHaveLength(decisions + 1));
  await pass();
  expect(it.mailbox.about(id)).toHaveLength(1);
  expect(await counted()).toBe(before + 3);
  expect(await it.metric('analytics', /^rideflow_messages_dead_lettered_total/)).toBe(0);
});

test('a message that analytics could not read is replayed for analytics only: counted once, and not mailed', async () => {
  const customer = aCustomer();
  await it.log.write('ride_confirmed', {
    value: JSON.stringify({ customer_id: customer, pickup_time: 'soon' }),
  });
  const letter = await parked('ride_confirmed.analytics.dlq', customer);
  await parked('ride_confirmed.email.dlq', customer);
  await pass();
  const before = await counted();

  const change = setFields(['pickup_time=12mins', 'alloted_driver=driver_4']);
  expect(await workbench.replay([place(letter)], { change })).toMatchObject([{ outcome: 'done' }]);
  await pass();
  expect(await counted()).toBe(before + 1 + 3);
  expect(mailsTo(`${customer}@example.com`)).toEqual([]);
});

test('a dropped dead letter is no longer parked, and is not replayed', async () => {
  const customer = aCustomer();
  await it.log.write('ride_details', { value: `not JSON ${customer}` });
  const letter = await parked('ride_details.transaction.dlq', customer);
  const isParked = async () =>
    (await workbench.list({ reader: 'transaction' })).some(
      ({ from }) => from === letter.headers.dead_letter_from,
    );

  expect(await isParked()).toBe(true);
  expect(await workbench.drop([place(letter)])).toMatchObject([
    { outcome: 'done', letter: { resolved: { as: null } } },
  ]);
  await eventually(async () => expect(await isParked()).toBe(false));
  expect(await workbench.replay([place(letter)])).toMatchObject([
    { outcome: 'already', letter: { resolved: { by: 'drop' } } },
  ]);
});

test('two workbenches at once: each dead letter is replayed once', async () => {
  const customers = Array.from({ length: 30 }, aCustomer);
  await it.log.write(
    'ride_details',
    ...customers.map((customer) => ({ partition: 0, value: `{"of":"${customer}"}` })),
  );
  await parked('ride_details.transaction.dlq', String(customers.at(-1)));
  const letters = it.log
    .on('ride_details.transaction.dlq')
    .filter(({ text }) => customers.some((customer) => text.includes(`"${customer}"`)))
    .map(place);
  expect(letters).toHaveLength(customers.length);

  const second = await openWorkbench(toolClient('dlq', {}, it.broker.brokers.join()));
  const change = setFields(['customer_id=twice']);
  const both = await Promise.all([workbench, second].map((bench) => bench.replay(letters, { change })));
  await second.close();
  expect(both.flat()).toHaveLength(2 * letters.length);
  expect(both.flat().filter(({ outcome }) => outcome === 'done')).toHaveLength(letters.length);
  await pass();
  const replayed = it.log.on('ride_details').map(({ headers }) => headers.replayed_from);
  for (const letter of letters) expect(replayed.filter((from) => from === letter)).toHaveLength(1);
});

test('the list shows each dead letter with its reader, reason and source', async () => {
  await run('dlq', 'drop', '--all');
  await eventually(async () => expect((await run('dlq', 'list')).out).toBe('There are no dead letters.\n'));
  expect(await run('poison', '--kind', 'invalid-utf8', '--count', '2')).toMatchObject({ code: 0, err: '' });
  expect(await run('poison', '--kind', 'huge', '--topic', 'ride_confirmed')).toMatchObject({
    code: 0,
    err: '',
  });
  await eventually(async () => expect(await workbench.list()).toHaveLength(4));

  const { out } = await run('dlq', 'list');
  expect(out).toMatch(
    /^ride_details\.transaction\.dlq\/\d\/\d+\n {2}transaction, from ride_details\/\d\/\d+, 27 bytes, parked at .*Z\n {2}the value is not JSON in UTF-8/m,
  );
  expect(out).toMatch(/4 dead letters parked: 2 of transaction, 1 of email, 1 of analytics\.\n$/);
  const mine = JSON.parse((await run('dlq', 'list', '--json', '--reader', 'transaction')).out);
  expect(mine).toHaveLength(2);
  const shown = await run('dlq', 'show', mine[0].coordinates);
  expect(shown.out).toContain('7b 22 63 75 73 74 6f 6d 65 72 5f 69 64 22 3a 20  {"customer_id": ');
  expect(shown.out).toContain(mine[0].reason);

  // A megabyte goes back as it came, and is parked again.
  const replayed = await run('dlq', 'replay', '--all', '--reader', 'email', '--as-is');
  expect(replayed).toMatchObject({ code: 0, err: '' });
  await eventually(async () =>
    expect((await workbench.list({ reader: 'email' }))[0]?.from).toContain('ride_confirmed'),
  );

  const unknown = await run('dlq', 'show', 'ride_details.transaction.dlq/0/999999');
  expect(unknown).toMatchObject({ code: 1, out: '' });
  expect(unknown.err).toContain(
    'There is no dead letter at ride_details.transaction.dlq/0/999999. The dead letters in',
  );
});
