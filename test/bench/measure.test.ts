import { expect, jest, test } from '@jest/globals';
import type { Group } from './group.ts';
import { measureAll, tell } from './measure.ts';
import { plainRow } from './table.ts';

const group = (name: string, run: () => Promise<unknown>): Group => ({
  ...{ name, what: `what ${name} is`, seconds: 1, quickSeconds: 1 },
  run: async () => {
    await run();
    return [plainRow({ figure: name, ours: '42' })];
  },
});
const quick = (name: string) => group(name, async () => {});

async function measured(groups: Group[], limit: number) {
  const stopServices = jest.fn(async () => {});
  const log = jest.fn();
  const progress = { step: () => () => {}, done() {}, log, stop() {} };
  const plan = { quick: true, rounds: 1 };
  const figures = await measureAll({
    ...{ groups, ground: { stopServices }, plan, secondsOf: ({ seconds }) => seconds, limit, progress },
  });
  return { figures, text: tell(figures), stopServices, log };
}

test('figures that do not end in time are stopped, figures that would not are skipped, and the rest is in the table', async () => {
  const never = group('slow', () => new Promise(() => {}));
  const { figures, text, stopServices, log } = await measured([quick('first'), never, quick('last')], 1.2);
  expect(text).toContain('| first | 42 |');
  expect(text).toMatch(/Skipped because the time was over: what slow is \(`--only slow`\)\./);
  expect(text).toMatch(/Skipped because the time was over: what last is/);
  expect(figures.failed).toEqual([]);
  expect(stopServices).toHaveBeenCalledTimes(2); // what slow has started must not run on
  expect(log).not.toHaveBeenCalled();
});

test('a failure is reported, and later figures are measured', async () => {
  const broken = group('broken', () => Promise.reject(new Error('no disk')));
  const { figures, text } = await measured([broken, quick('next')], 60);
  expect(figures.failed).toHaveLength(1);
  expect(text).toContain('Not measured: what broken is: no disk.');
  expect(text).toContain('| next | 42 |');
});

test('without time for anything, there is no empty table', async () => {
  const { text } = await measured([quick('only')], 0.5);
  expect(text).toMatch(/^Nothing was measured\.\n\nSkipped/);
  expect(text).not.toContain('| figure |');
});
