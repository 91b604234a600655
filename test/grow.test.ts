/** Topics that get more partitions while rides are on their way. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../infra/broker/ports.ts';
import { type Accepted, check } from '../infra/check/check.ts';
import { type Load, startLoad } from './faults/load.ts';
import { Groups } from './support/groups.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';
import { runTool } from './support/tool.ts';

let it: TestSystem;
let groups: Groups;
let load: Load;
beforeAll(async () => {
  it = await startTestSystem(undefined, { flow: true });
  groups = new Groups(it.broker.brokers);
});
afterAll(async () => {
  load?.abandon();
  await groups?.stop();
  await it?.stop();
});

/** Runs the tool as a person would. */
const topics = (...args: string[]) => runTool('topics', args, { KAFKA_BROKERS: it.broker.brokers.join() });

test('the tool shows the topics, and changes nothing that it cannot do', async () => {
  const shown = await topics();
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/^ {2}ride_details +3 partitions\n {2}ride_confirmed +3 partitions\n/);
  expect((await topics('--help')).out).toContain('npm run topics -- --partitions <n>');
  for (const wrong of ['six', '2', '1000'])
    expect(await topics('--partitions', wrong)).toEqual({
      code: 1,
      out: '',
      err: `--partitions ${wrong}: must be a whole number from 3 to 100. ride_details has 3, and Kafka cannot remove partitions.\n`,
    });
  expect(await topics()).toEqual(shown);
});

test('topics grow from 3 to 6 partitions under load: every service uses the new ones, and nothing is lost or repeated', async () => {
  const [port = 0] = await freePorts(1);
  it.system.run('transaction', { as: 'transaction-2', port });
  await it.system.ready('transaction', 120_000, `http://localhost:${port}`);
  const accepted: Accepted[] = [];
  load = startLoad(() => [it.system.url('rides')], 40, accepted, 1);
  await eventually(() => expect(load.accepted).toBeGreaterThan(40));

  const grown = await topics('--partitions', '6');
  expect(grown).toMatchObject({ code: 0, err: '' });
  expect(grown.out).toMatch(/^ {2}ride_details +6 partitions, 3 before\n/);

  const decided = (partition: number) =>
    it.log.on('ride_confirmed').filter((entry) => entry.partition === partition).length;
  await eventually(() => {
    for (const partition of [3, 4, 5]) expect(decided(partition)).toBeGreaterThan(20);
  });
  await eventually(() =>
    expect(it.lines.join('\n')).toContain(
      'may go to a different partition than earlier messages with the same key',
    ),
  );

  // A consumer of email for each partition, and each process of transaction has as many as the other.
  await eventually(async () => {
    expect(await it.log.members('email')).toBe(6);
    const { owners } = await groups.see('transaction', 'ride_details');
    expect([...Map.groupBy(owners, (owner) => owner).values()].map((own) => own.length)).toEqual([3, 3]);
  });
  await load.stop();
  const mails = async () => it.mailbox.mails.map(({ messageId, rideId }) => ({ messageId, rideId }));
  const report = await check({
    brokers: it.broker.brokers,
    mails,
    stats: () => it.stats() as never,
    accepted,
    waitMs: 120_000,
  });
  // The order of one customer is what growing costs.
  expect(report.violations.filter(({ kind }) => kind !== 'order')).toEqual([]);
  expect(report.table).toMatchObject({ accepted: load.accepted, lost: 0, duplicates: 0 });

  // Those who only look on see the new partitions too.
  const ride = it.log.on('ride_confirmed').find(({ partition }) => partition === 5)?.value?.id as string;
  await eventually(async () => expect((await it.ride(ride)).status).toMatch(/confirmed|rejected/));
  await eventually(async () => {
    const { steps } = (await (await fetch(`${it.system.url('flow')}/api/rides/${ride}`)).json()) as {
      steps: { name: string; state: string }[];
    };
    expect(steps.map(({ name }) => name)).toContain('mailed');
  });
  for (const name of ['transaction', 'email', 'analytics'] as const) {
    const lag = /^rideflow_consumer_lag\{.*partition="[345]"/;
    await eventually(async () => {
      const text = await (await fetch(`${it.system.url(name)}/metrics`)).text();
      expect(text.split('\n').filter((line) => lag.test(line))).toHaveLength(3);
    });
    await eventually(async () => expect(await it.metric(name, /^rideflow_consumer_lag/)).toBe(0));
  }
});
