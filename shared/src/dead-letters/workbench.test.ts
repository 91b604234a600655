import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Kafka, type Message } from 'kafkajs';
import { useBroker } from '../../../test/support/broker.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Faults, injectFaults } from '../../../test/support/faults.ts';
import { commonConfig, readConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const it = useBroker();
let faults: Faults;
let workbench: Workbench;
beforeAll(async () => {
  faults = injectFaults();
  const config = readConfig(commonConfig('rides', 0), { KAFKA_BROKERS: it.brokers.join() });
  workbench = await openWorkbench({ name: 'dlq', config, log: createLogger('dlq', 'silent') });
});
afterAll(async () => {
  await workbench?.close();
  faults.remove();
});
afterEach(() => faults.heal());

const topic = 'ride_confirmed.email.dlq';
const ride = { customer_id: 'user_1', alloted_driver: 'driver_4', pickup_time: '12mins' };
let parkedBefore = 0;

/** Parks messages in partition 0 as email does, and returns their coordinates. */
async function park(count: number, change: Partial<Message> = {}): Promise<string[]> {
  const from = `ride_confirmed/0/${1000 + parkedBefore++}`;
  const message = {
    partition: 0,
    key: 'user_1',
    value: JSON.stringify(ride),
    ...change,
    headers: { dead_letter_reason: 'no such user', dead_letter_from: from, ...change.headers },
  };
  await it.log.write(topic, ...Array.from({ length: count }, () => message));
  return eventually(async () => {
    const letters = (await workbench.list()).filter((letter) => letter.from === from);
    expect(letters).toHaveLength(count);
    return letters.map(({ coordinates: { partition, offset } }) => `${topic}/${partition}/${offset}`);
  });
}
const replaysOf = (place: string) =>
  it.log.on('ride_confirmed').filter(({ headers }) => headers.replayed_from === place);
const marksOf = (place: string) => it.log.on(topic).filter(({ headers }) => headers.resolved === place);
/** Everything that was written before this is there. */
async function pass() {
  const value = `pass ${parkedBefore++}`;
  for (const name of ['ride_confirmed', topic]) {
    await it.log.write(name, { partition: 0, value });
    await eventually(() => expect(it.log.on(name).map(({ text }) => text)).toContain(value));
  }
  await workbench.drop(
    (await workbench.list()).map(({ coordinates: c }) => `${c.topic}/${c.partition}/${c.offset}`),
  );
}

test.each(['request', 'answer'] as const)(
  'the %s to end the transaction is lost: the replay exists once, with its mark',
  async (lost) => {
    const [place = ''] = await park(1);
    const fired = faults.loseOne(lost, 'EndTxn', 'dlq');
    expect(await workbench.replay([place])).toMatchObject([{ outcome: 'done' }]);
    await fired;
    await pass();
    expect(replaysOf(place)).toHaveLength(1);
    expect(marksOf(place)).toHaveLength(1);
    expect(marksOf(place)[0]?.headers.as).toBe(`ride_confirmed/0/${replaysOf(place)[0]?.offset}`);
  },
);

test.each(['request', 'answer'] as const)(
  'the %s to write is lost: the replay exists once, with its mark',
  async (lost) => {
    const [place = ''] = await park(1);
    const fired = faults.loseOne(lost, 'Produce', 'dlq');
    expect(await workbench.replay([place])).toMatchObject([{ outcome: 'done' }]);
    await fired;
    await pass();
    expect(replaysOf(place)).toHaveLength(1);
    expect(marksOf(place)).toHaveLength(1);
  },
);

test('records that Kafka accepted twice within a transaction are not committed: the replay exists once', async () => {
  const [place = ''] = await park(1);
  const create = Kafka.prototype.producer;
  let doubled = 0;
  const spy = jest.spyOn(Kafka.prototype, 'producer').mockImplementation(function (this: Kafka, config) {
    const producer = create.call(this, config);
    const begin = producer.transaction;
    producer.transaction = async () => {
      const transaction = await begin();
      const send = transaction.sendBatch;
      transaction.sendBatch = async (batch) => {
        const first = await send(batch);
        return doubled++ === 0 ? [...first, ...(await send(batch))] : first;
      };
      return transaction;
    };
    return producer;
  });
  expect(await workbench.replay([place])).toMatchObject([{ outcome: 'done' }]);
  spy.mockRestore();
  await pass();
  expect(doubled).toBeGreaterThan(1);
  expect(replaysOf(place)).toHaveLength(1);
  expect(marksOf(place)).toHaveLength(1);
});

test('large headers count towards the size of a transaction', async () => {
  const places: string[] = [];
  for (let n = 0; n < 10; n++) places.push(...(await park(1, { headers: { note: 'x'.repeat(300_000) } })));
  const outcomes = await workbench.replay(places);
  expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(10);
});

test('a message that exceeds the limit even when compressed is rejected, whichever part is large', async () => {
  const [place = ''] = await park(1, { headers: { note: randomBytes(1_200_000) } });
  expect(await workbench.replay([place])).toMatchObject([
    { outcome: 'refused', reason: expect.stringMatching(/^its 12\d{5} bytes exceed the limit/) },
  ]);
});

test('a parked message with a header of the workbench is not a mark', async () => {
  const [first = ''] = await park(1);
  const [second = ''] = await park(1, { headers: { resolved: first, dead_letter_by: 'email' } });
  for (const place of [first, second]) expect((await workbench.show(place)).letter.resolved).toBeNull();
});

test('more dead letters than fit into one transaction: each is replayed once, in order', async () => {
  const places = await park(450);
  let told = 0;
  const outcomes = await workbench.replay(places, { onOutcome: () => told++ });
  expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(450);
  expect(told).toBe(450);
  await pass();
  const replayed = it.log.on('ride_confirmed').map(({ headers }) => headers.replayed_from ?? '');
  expect(replayed.filter((from) => places.includes(from))).toEqual(places);
});

test('a message without an identity gets its coordinates and its time as one, and one with an identity keeps it', async () => {
  const [without = ''] = await park(1, { headers: { dead_letter_timestamp: '1700000000000' } });
  const [before = ''] = await park(1); // by the version before
  const [long = ''] = await park(1, {
    headers: { ce_id: 'x'.repeat(257), dead_letter_timestamp: '1700000000000' },
  });
  const [own = ''] = await park(1, { headers: { ce_id: 'mine' } });
  expect((await workbench.replay([without, before, long, own])).map(({ outcome }) => outcome)).toEqual(
    Array(4).fill('done'),
  );
  await pass();
  const from = async (place: string) => (await workbench.show(place)).letter.from;
  expect(replaysOf(without)[0]?.headers.ce_id).toBe(`${await from(without)}@1700000000000`);
  expect(replaysOf(before)[0]?.headers.ce_id).toBe(await from(before));
  expect(replaysOf(long)[0]?.headers.ce_id).toBe(`${await from(long)}@1700000000000`);
  expect(replaysOf(own)[0]?.headers.ce_id).toBe('mine');
});

test('a message of which only the beginning was kept is only replayed with a complete value', async () => {
  const [place = ''] = await park(1, { headers: { dead_letter_truncated: 'it has 3 MB' } });
  expect(await workbench.replay([place])).toMatchObject([
    { outcome: 'refused', reason: expect.stringContaining('a complete value') },
  ]);
  const change = () => Buffer.from(JSON.stringify({ ...ride, customer_id: 'whole' }));
  expect(await workbench.replay([place], { change })).toMatchObject([{ outcome: 'done' }]);
  await pass();
  expect(replaysOf(place).map(({ value }) => value?.customer_id)).toEqual(['whole']);
});

test('invalid coordinates of a dead letter are rejected before anything is done', async () => {
  const [place = ''] = await park(1);
  await expect(workbench.replay([place, `${topic}/0/999999`])).rejects.toThrow(
    `There is no dead letter at ${topic}/0/999999. The dead letters in ${topic}/0 have the offsets`,
  );
  await expect(workbench.drop([`${topic}/99/0`])).rejects.toThrow('There are no dead letters in');
  await expect(workbench.show('ride_confirmed/0/1')).rejects.toThrow(
    'must be the coordinates of a dead letter',
  );
  expect((await workbench.show(place)).letter.resolved).toBeNull();
  await pass();
});
