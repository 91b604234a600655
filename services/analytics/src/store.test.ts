import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDemandModel } from './demand-model.ts';
import { noon, received, rejected } from './fixtures.ts';
import { defaultReport, report } from './report.ts';
import { limits, minute } from './statistics.ts';
import { OtherTopic, Store, type StoreOptions } from './store.ts';
import type { Tally } from './tally.ts';

let folder: string;
let stores: Store[];
const later = noon + 3 * minute;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'analytics-'));
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true });
});
const file = () => join(folder, 'new', 'statistics.sqlite');
function openStore(options: Partial<StoreOptions> = {}) {
  const store = new Store({
    file: file(),
    createModel: () => createDemandModel(60, () => later),
    ...options,
  });
  stores.push(store);
  return store;
}
function reopen(store: Store) {
  store.close();
  stores.splice(stores.indexOf(store), 1);
  return openStore();
}
const show = (store: Store) => report(store, defaultReport, later);

test('a new file knows no partition, so each is read from its start', () => {
  expect(openStore().offsets()).toEqual(new Map());
});

test('figures, offsets and the forecast outlive a restart', () => {
  const store = openStore();
  store.apply(0, [received(0), received(1, { at: noon + minute }), received(2, rejected)], '3');
  store.apply(2, [received(7, { partition: 2, pickup_minutes: 29 })], '9');
  const before = show(store);
  expect(before).toMatchObject({
    overall: { rides: 4, rejected: 1, max_pickup_minutes: 29 },
    next_offsets: { 0: '3', 2: '9' },
  });
  expect(before.forecast.coming).toHaveLength(15);
  expect(show(reopen(store))).toEqual(before);
});

test('deleting the file and reading everything again gives the same figures, with any batches in any order', () => {
  const rides = [0, 1].map((partition) =>
    Array.from({ length: 50 }, (_, i) =>
      received(i, {
        partition,
        at: noon + (i % 3) * minute,
        pickup_minutes: (i * 7) % 30,
        alloted_driver: `driver_${i % 4}`,
      }),
    ),
  );
  const first = openStore();
  for (let i = 0; i < 50; i += 10)
    for (const partition of [0, 1])
      first.apply(partition, rides[partition]?.slice(i, i + 10) ?? [], String(i + 10));
  const before = show(first);
  first.close();
  stores = [];
  rmSync(file());
  const second = openStore();
  for (const partition of [1, 0]) second.apply(partition, rides[partition] ?? [], '50');
  expect(show(second)).toEqual(before);
  expect(before.overall.rides).toBe(100);
});

test('a batch that comes again is passed over, also when only part of it was counted', () => {
  const store = openStore();
  store.apply(0, [received(0), received(1)], '2');
  store.apply(0, [received(0), received(1)], '2');
  expect(store.statistics.all.rides).toBe(2);
  store.apply(0, [received(1), received(2)], '3');
  expect(store.statistics.all.rides).toBe(3);
  expect(store.offsets()).toEqual(new Map([[0, '3']]));
});

test('offsets that hold no message of ours still move on, and never back', () => {
  const store = openStore();
  store.apply(0, [received(0)], '5');
  store.apply(0, [], '9');
  store.apply(0, [received(0)], '5');
  expect(reopen(store).offsets()).toEqual(new Map([[0, '9']]));
});

test('a transaction that fails leaves figures and offset as they were, in the file and in memory', () => {
  const store = openStore();
  store.apply(0, [received(0)], '1');
  const before = show(store);
  const unreadable = { ...received(2), value: null } as unknown as ReturnType<typeof received>;
  expect(() => store.apply(0, [received(1), unreadable], '3')).toThrow(TypeError);
  expect(show(store)).toEqual(before);
  store.apply(0, [received(1)], '2');
  expect(store.statistics.all.rides).toBe(2);
  expect(reopen(store).statistics.all.rides).toBe(2);
});

test('a process that is killed inside a transaction leaves the old figures with the old offset', async () => {
  const store = openStore();
  store.apply(0, [received(0)], '1');
  const before = show(store);
  store.close();
  stores = [];
  // The child writes what a batch writes, and hangs before the commit.
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const { DatabaseSync } = require('node:sqlite');
       const database = new DatabaseSync(process.argv[1]);
       database.exec("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE tallies SET rides = rides + 1; UPDATE offsets SET next = '2'");
       process.stdout.write('written');
       setInterval(() => {}, 1000);`,
      file(),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const after = openStore();
  expect(show(after)).toEqual(before);
  expect(after.offsets()).toEqual(new Map([[0, '1']]));
});

test('a recreated topic is recognised, and the error says what to do', () => {
  const reasons: string[] = [];
  const store = openStore({ onOtherTopic: (reason) => reasons.push(reason) });
  store.apply(0, [received(0), received(1)], '2');
  const newer = received(0, { at: noon + minute });
  expect(() => store.apply(0, [newer], '1')).toThrow(OtherTopic);
  expect(() => store.apply(0, [newer], '1')).toThrow(/delete the statistics file/);
  expect(reasons).toHaveLength(2);
  expect(store.statistics.all.rides).toBe(2);
});

test('a second process on the same file is refused with the reason', () => {
  openStore();
  expect(() => openStore()).toThrow(/another process has it open/);
});

test('a file that is not such a file, or of another version, is refused with its path', () => {
  openStore().close();
  stores = [];
  const database = new DatabaseSync(file());
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => openStore()).toThrow(/statistics.sqlite cannot be used: it has version 99/);
  expect(() => openStore({ file: '/dev/null' })).toThrow(/\/dev\/null cannot be used/);
});

test('deleted windows are deleted from the file too', () => {
  const store = openStore();
  for (let i = 0; i < 5; i++)
    store.apply(0, [received(i, { at: noon + i * limits.minutes * minute })], String(i + 1));
  store.close();
  stores = [];
  const database = new DatabaseSync(file());
  expect(database.prepare("SELECT count(*) AS n FROM tallies WHERE scope = 'minute'").get()).toEqual({
    n: 1,
  });
  database.close();
  expect(existsSync(file())).toBe(true);
});

test('figures are reported after every N rides, after they are stored, as they were at that ride', () => {
  const printed: number[] = [];
  const store = openStore({
    printEvery: 5,
    onMilestones: (milestones: Tally[]) => printed.push(...milestones.map(({ rides }) => rides)),
  });
  const rides = Array.from({ length: 12 }, (_, i) => received(i));
  store.apply(0, rides.slice(0, 4), '4');
  expect(printed).toEqual([]);
  store.apply(0, rides.slice(4), '12');
  expect(printed).toEqual([5, 10]);
  store.apply(0, rides, '12');
  expect(printed).toEqual([5, 10]);
});
