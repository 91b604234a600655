import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import type { Broker } from '../../../infra/broker/broker.ts';
import { useBroker } from '../broker.ts';
import { eventually } from '../eventually.ts';
import { borrow } from './borrow.ts';
import { clean } from './clean.ts';
import { Pool } from './pool.ts';

/** Stands in for a broker: says what is done to it. */
function fake(name: string): Broker {
  const note = (what: string) => async () => void log.push(`${name} ${what}`);
  const fakes = { kill: note('killed'), freeze: note('frozen'), thaw: note('thawed'), stop: note('stopped') };
  return { brokers: [name], how: 'by hand', restart: note('restarted'), ...fakes };
}
const log: string[] = [];
let started: number;
let dirty: string[];
let pool: Pool;
let port: number;
beforeEach(async () => {
  log.length = 0;
  [started, dirty] = [0, []];
  pool = new Pool(
    async () => fake(`broker-${++started}`),
    async ({ brokers: [name = ''] }) => {
      if (dirty.includes(name)) throw new Error('somebody is still there');
      log.push(`${name} cleaned`);
    },
  );
  port = await pool.listen();
});
afterEach(() => pool.stop());

test('what one file gives back the next one gets, cleaned, and files that run side by side have brokers of their own', async () => {
  const [first, second] = [await borrow(port), await borrow(port)];
  expect([first.brokers, second.brokers]).toEqual([['broker-1'], ['broker-2']]);
  await first.stop();
  const third = await borrow(port);
  expect(third.brokers).toEqual(['broker-1']);
  expect(log).toEqual(['broker-1 cleaned']);
  await second.stop();
  await third.stop();
});

test.each([
  ['killed and restarted', ['kill', 'restart'], 'broker-1'],
  ['frozen and thawed', ['freeze', 'thaw'], 'broker-1'],
  ['left dead', ['kill'], 'broker-2'],
  ['left frozen', ['freeze'], 'broker-2'],
  ['killed again', ['kill', 'restart', 'kill'], 'broker-2'],
] as const)('after one that was %s, the next file gets a broker that runs', async (_, orders, next) => {
  const first = await borrow(port);
  for (const order of orders) await first[order](0);
  await first.stop();
  const second = await borrow(port);
  expect(second.brokers).toEqual([next]);
  expect(log.at(-1)).toBe(next === 'broker-1' ? 'broker-1 cleaned' : 'broker-1 stopped');
  await second.stop();
});

test('one of another version is not lent again', async () => {
  const first = await borrow(port);
  await first.restart(0, { version: '4.3.1' });
  await first.kill(0);
  await first.restart(0); // as the version that it has
  await first.stop();
  const second = await borrow(port);
  expect(second.brokers).toEqual(['broker-2']);
  await second.stop();
});

test('one that cannot be cleaned is not lent again', async () => {
  const first = await borrow(port);
  dirty.push('broker-1');
  await first.stop();
  const second = await borrow(port);
  expect(second.brokers).toEqual(['broker-2']);
  expect(log).toEqual(['broker-1 stopped']);
  await second.stop();
});

test('a file that is killed has given its broker back', async () => {
  const child = fork(join(import.meta.dirname, 'fixtures/borrower.ts'), [String(port)], { execArgv: [] });
  expect(await once(child, 'message')).toEqual([['broker-1'], undefined]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await eventually(async () => {
    const next = await borrow(port);
    await next.stop();
    expect(next.brokers).toEqual(['broker-1']);
  });
});

test('if there is none, the file gets the reason', async () => {
  const none = new Pool(() => Promise.reject(new Error('there is no Java')), clean);
  await expect(borrow(await none.listen())).rejects.toThrow('there is no Java');
  await none.stop();
});

const it = useBroker();

test('cleaning leaves no topics and no groups, waits for members that were killed, and is refused while a group has others', async () => {
  await expect(clean(it, 0)).rejects.toThrow(); // the log of this test reads in a group of its own
  await it.log.stop();
  const child = fork(join(import.meta.dirname, 'fixtures/member.ts'), it.brokers, { execArgv: [] });
  expect(await once(child, 'message')).toEqual(['joined', undefined]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await clean(it);
  const admin = new Kafka({ brokers: it.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  expect((await admin.listTopics()).filter((topic) => !topic.startsWith('__'))).toEqual([]);
  expect(await admin.listGroups()).toEqual({ groups: [] });
  await admin.disconnect();
});
