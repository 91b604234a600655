/** The checker on a real system: it finds nothing where nothing is wrong, and what is wrong where something is. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { type Accepted, type CheckOptions, check, format } from '../infra/check/check.ts';
import type { ProcessName } from '../infra/system/system.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';
import { runTool } from './support/tool.ts';

/** What each service is started with next; a test changes it and starts the service anew. */
const extra: Partial<Record<ProcessName, NodeJS.ProcessEnv>> = {};
type Booked = Awaited<ReturnType<TestSystem['book']>>;
let it: TestSystem;
beforeAll(async () => {
  it = await startTestSystem(extra);
});
afterAll(() => it?.stop());

const location = { lat: 12.97, long: 77.59 };
let since = 0;

const mails = async () =>
  it.mailbox.mails.map(({ messageId, text }) => ({
    messageId,
    rideId: /^Ride: +(\S+)$/m.exec(text)?.[1] ?? '',
  }));
const stats = async () => (await it.stats()) as never;

/** What came since the last call of `fromNow`. */
const checked = (accepted: Accepted[] | undefined, change: Partial<CheckOptions> = {}) =>
  check({ brokers: it.broker.brokers, mails, stats, accepted, from: since, waitMs: 120_000, ...change });

/** The tests after this do not see what was before. */
function fromNow() {
  since = Date.now();
}

async function book(count: number, customer = 'user'): Promise<Accepted[]> {
  const rides: Accepted[] = [];
  for (let i = 0; i < count; i++) {
    const customer_id = `${customer}_${i % 3}`;
    const payment_token = i % 5 === 4 ? 'tok_declined' : 'tok_ok';
    const sent = performance.now();
    const { id } = await it.book({ customer_id, location, payment_token });
    rides.push({ id, customer_id, sent, answered: performance.now() });
  }
  return rides;
}

/** Stops a service and starts it with this environment, which holds for this one start. */
async function startWith(name: ProcessName, env: NodeJS.ProcessEnv, later: NodeJS.ProcessEnv = {}) {
  extra[name] = env;
  await it.system.children.get(name)?.stop();
  it.system.run(name);
  extra[name] = later;
  await it.system.ready(name);
}

/** Resolves when a service has died and is there again. */
async function diedAndBack(name: ProcessName, pid: number | undefined) {
  await eventually(() => expect(it.system.children.get(name)?.pid).not.toBe(pid));
  await it.system.ready(name);
}

/** Books rides that make a service die at a crash point, once. */
async function bookThrough(name: ProcessName, CRASH_AT: string, GUARANTEE: string) {
  await startWith(name, { CRASH_AT, GUARANTEE }, { GUARANTEE });
  const pid = it.system.children.get(name)?.pid;
  fromNow();
  const rides = await book(12);
  await diedAndBack(name, pid);
  return [...rides, ...(await book(6))];
}

test('a correct system has no violation, including its statistics', async () => {
  const rides = await book(30);
  const report = await checked(rides, { from: undefined });
  expect(format(report)).toContain('Nothing is lost, nothing happened twice, everything is in order.');
  expect(report).toMatchObject({ ok: true, violations: [], inFlight: 0, notes: [] });
  expect(report.table).toMatchObject({
    accepted: 30,
    unanswered: 0,
    confirmed: 24,
    rejected: 6,
    mails: 30,
    counted: 30,
  });
});

test('poison and messages of the tutorials are dead letters and rides, not violations', async () => {
  fromNow();
  await it.log.write(
    'ride_details',
    { value: 'no JSON' },
    { value: '{"id": 0, "customer_id": "user_7", "location": "Lat: 12.97, Long: 77.59"}' },
    { value: '{"id": 0, "customer_id": "user_7"}' },
  );
  await it.log.write(
    'ride_confirmed',
    { value: 'no JSON either' },
    {
      value:
        '{"id": 0, "customer_id": "user_7", "alloted_driver": "driver_3", "pickup_time": "12mins", "location": "Lat: 12.97, Long: 77.59"}',
    },
  );
  const report = await checked(undefined);
  expect(report.violations).toEqual([]);
  expect(report.table).toMatchObject({
    accepted: 3,
    confirmed: 2,
    deadLettered: 1,
    foreignDecisions: 2,
    mailsDeadLettered: 1,
  });
  const whole = await checked(undefined, { from: undefined });
  expect(whole.violations).toEqual([]);
  expect(whole.table).toMatchObject({ counted: 33, countsDeadLettered: 1 });
});

test.each([
  ['after-produce', 'the transaction is open'],
  ['after-commit', 'it is just committed'],
])('exactly once: transaction dies %s, and nothing is lost or repeated', async (point) => {
  const rides = await bookThrough('transaction', `${point}:2`, 'exactly-once');
  const report = await checked(rides);
  expect(report.violations).toEqual([]);
  expect(report.table).toMatchObject({ accepted: 18, lost: 0, duplicates: 0 });
});

test('at most once: transaction dies after its commit, and rides are lost', async () => {
  const rides = await bookThrough('transaction', 'after-commit:2', 'at-most-once');
  const report = await checked(rides);
  expect(Object.keys(report.counts)).toEqual(['lost']);
  expect(report.table.lost).toBeGreaterThan(0);
  expect(report.violations[0]?.what).toMatch(/^The ride \S+ \(ride_details\/\d\/\d+\) is neither decided/);
});

test('at least once: transaction dies before its commit, and rides are decided twice', async () => {
  const rides = await bookThrough('transaction', 'after-produce:2', 'at-least-once');
  const report = await checked(rides);
  expect(Object.keys(report.counts)).toEqual(['duplicate']);
  expect(report.table).toMatchObject({ lost: 0 });
  expect(report.table.duplicates).toBeGreaterThan(0);
  await startWith('transaction', {});
});

test('email dies after the server accepted a mail: the repeat is reported and is not a violation', async () => {
  const rides = await bookThrough('email', 'after-mail:2', 'at-least-once');
  const report = await checked(rides);
  expect(report.violations).toEqual([]);
  expect(report.repeatedMails).toBeGreaterThan(0);
});

test('at most once: email dies after its commit, and mails are missing', async () => {
  const rides = await bookThrough('email', 'after-commit:2', 'at-most-once');
  const report = await checked(rides);
  expect(Object.keys(report.counts)).toEqual(['mail missing']);
  await startWith('email', {});
});

test('analytics dies in the middle of its write, and the statistics equal a recount', async () => {
  await bookThrough('analytics', 'mid-statistics:2', 'exactly-once');
  const { table, counts } = await checked(undefined, { from: undefined });
  expect(counts.statistics).toBeUndefined();
  expect(table.counted).toBeGreaterThan(33);
  expect(table.countsInFlight).toBe(0);
});

test('a deleted mail is missing, one with another Message-ID is another mail, and one about no ride is reported', async () => {
  fromNow();
  const rides = await book(3);
  await checked(rides);
  const [gone, changed] = rides;
  const spoilt = async () => [
    ...(await mails()).filter(({ rideId }) => rideId !== gone?.id),
    { messageId: '<other@x>', rideId: changed?.id ?? '' },
  ];
  const { counts, violations } = await checked(rides, { mails: spoilt });
  expect(counts).toEqual({ 'mail missing': 1, 'mail changed id': 1 });
  expect(violations.map(({ what }) => what).join()).toContain(gone?.id);
  const nobody = async () => [...(await mails()), { messageId: '<other@x>', rideId: 'nobody' }];
  const whole = await checked(undefined, { from: undefined, mails: nobody });
  expect(whole.counts['mail without ride']).toBe(1);
});

test('statistics that are off by one ride are found', async () => {
  const wrong = async () => {
    const answer = await it.stats();
    return { ...answer, overall: { ...answer.overall, rides: answer.overall.rides + 1 } } as never;
  };
  const { counts } = await checked(undefined, { from: undefined, stats: wrong });
  expect(counts.statistics).toBe(1);
});

test('a decision that somebody copies is a duplicate', async () => {
  fromNow();
  const rides = await book(3);
  expect((await checked(rides)).violations).toEqual([]);
  const entry = await eventually(() => {
    const found = it.log.on('ride_confirmed').find(({ value }) => value?.id === rides[0]?.id);
    if (!found) throw new Error('the decision is not there');
    return found;
  });
  const { key, partition, headers, text } = entry;
  await it.log.write('ride_confirmed', { key, partition, headers, value: text });
  const report = await checked(rides);
  expect(report.counts).toEqual({ duplicate: 1 });
  expect(format(report)).toMatch(
    new RegExp(`ride ${rides[0]?.id} .* is decided 2 times: ride_confirmed/${partition}/${entry.offset}, `),
  );
});

test('decisions of one customer in the wrong order, an invented one, and a missing accepted ride are found', async () => {
  await it.system.children.get('transaction')?.stop();
  fromNow();
  const asked: Booked[] = [];
  for (let i = 0; i < 2; i++) asked.push(await it.book({ customer_id: 'orderly', location }));
  const decide = ({ id, stored }: Booked) => ({
    key: 'orderly',
    partition: stored.partition,
    value: JSON.stringify({ id, customer_id: 'orderly', alloted_driver: 'driver_1', pickup_time: '1mins' }),
    headers: {
      ce_id: id,
      ce_causeid: id,
      ce_cause: `ride_details/${stored.partition}/${stored.offset}`,
    },
  });
  const [first, second] = asked as [Booked, Booked];
  const invented = { id: 'invented', stored: { ...first.stored, offset: '999999' } };
  await it.log.write('ride_confirmed', decide(second), decide(first), decide(invented));
  const accepted = [
    ...asked.map(({ id }) => ({ id, customer_id: 'orderly' })),
    { id: 'x', customer_id: 'y' },
  ];
  const report = await checked(accepted);
  expect(report.counts).toEqual({ order: 1, invented: 1, lost: 1 });
  it.system.run('transaction');
  await it.system.ready('transaction');
  await checked(accepted);
});

test('a ride that waits is in flight, and a violation only when the wait is over', async () => {
  await it.system.children.get('transaction')?.stop();
  fromNow();
  const rides = await book(2);
  expect(await checked(rides, { waitMs: 0 })).toMatchObject({ ok: true, inFlight: 2 });
  expect((await checked(rides, { waitMs: 300 })).counts).toEqual({ 'in flight': 2 });
  it.system.run('transaction');
  expect(await checked(rides)).toMatchObject({ ok: true, inFlight: 0 });
});

async function run(...args: string[]) {
  const { code, out: stdout, err: stderr } = await runTool('check', args);
  return { code, stdout, stderr };
}

test('the command ends with 0, with 1 for violations, and with 2 when it cannot check', async () => {
  const brokers = ['--brokers', it.broker.brokers.join(), '--mailbox', 'none'];
  const since = new Date(Date.now() - 1).toISOString();
  const good = await run(...brokers, '--stats', 'none', '--from', since);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toContain('The mails were not checked.');

  const bad = await run(...brokers, '--stats', it.system.url('analytics'), '--json');
  expect(bad).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, counts: { lost: expect.any(Number) } });

  const away = await run('--brokers', it.broker.brokers.join(), '--mailbox', 'http://localhost:9');
  expect(away).toMatchObject({ code: 2, stdout: '' });
  expect(away.stderr).toMatch(/^Could not check: /);
  expect(await run('--nonsense')).toMatchObject({ code: 2, stdout: '' });
});

test('messages that Kafka deletes before transaction handled them are expired, and later ones are no longer kept', async () => {
  fromNow();
  const before = await book(6);
  await checked(before);
  await it.system.children.get('transaction')?.stop();
  const after = await book(9);
  const kafka = new Kafka({ brokers: it.broker.brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  for (const topic of ['ride_details', 'ride_confirmed']) {
    const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition }) => ({
      partition,
      offset: '-1',
    }));
    await admin.deleteTopicRecords({ topic, partitions });
  }
  await admin.disconnect();
  const report = await checked([...before, ...after], { from: undefined, waitMs: 0 });
  expect(report.counts).toEqual({ expired: 9 });
  expect(report.table).toMatchObject({ expired: 9, noLongerKept: 15, inFlight: 0, lost: 0 });
  expect(format(report)).toMatch(
    /expired: \d messages? of ride_details\/\d expired before transaction handled (it|them)/,
  );
});
