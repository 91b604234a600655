import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { stages } from '../../test/faults/alarms.ts';
import { stale } from '../generated.ts';
import { generated } from '../observability.ts';
import { dashboards } from './dashboards.ts';
import { filledIn, readsOf } from './promql.ts';
import { rules } from './rules.ts';

const folder = import.meta.dirname;
const { alerts, records } = rules();
const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool)
  console.log(
    'Skipped: the tests of the alert rules. There is no promtool (the package prometheus of Debian).',
  );

test('the dashboards and rules are as the code wants them: `npm run observability` would change nothing', () => {
  expect(stale(generated)).toEqual([]);
});

test('each expression can be parsed, and a wrong one cannot', () => {
  const shown = dashboards.flatMap(({ numbers = [], rows }) =>
    [...numbers, ...Object.values(rows).flat()].flatMap(({ shows }) => Object.values(shows)),
  );
  for (const expr of [...shown, ...Object.values(records), ...alerts.map(({ expr }) => expr)])
    expect(readsOf(filledIn(expr)).selectors).not.toEqual([]);
  expect(() => readsOf('sum(rate(a[1m])')).toThrow('mistake at the end');
});

test('each alert has its section in the runbook, with the fault that fires it', () => {
  const sections = readFileSync(join(folder, '../RUNBOOK.md'), 'utf8').split(/^## /m).slice(1);
  const faultOf = (section: string) => /\*\*Fault\.\*\* (.*)\.$/m.exec(section)?.[1]?.toLowerCase();
  expect(sections.map((section) => [section.split('\n')[0], faultOf(section)])).toEqual(
    alerts.map(({ name, fault }) => [name, fault.toLowerCase()]),
  );
  for (const section of sections)
    for (const part of ['Meaning', 'Look at', 'Do']) expect(section).toContain(`**${part}.**`);
  const faults = stages.flat().flatMap(({ what, fires }) => fires.map((name) => [name, what]));
  expect(Object.fromEntries(faults)).toEqual(
    Object.fromEntries(alerts.map(({ name, fault }) => [name, fault])),
  );
});

test('each graph that the runbook names is on a dashboard', () => {
  const graphs = dashboards.flatMap(({ rows }) => Object.values(rows).flat()).map(({ title }) => title);
  const named = readFileSync(join(folder, '../RUNBOOK.md'), 'utf8').matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g);
  expect([...named].map(([, name]) => name).filter((name) => !graphs.includes(name ?? ''))).toEqual([]);
});

test('a test of promtool fires each alert, and another one does not', () => {
  const { tests } = parse(readFileSync(join(folder, 'rules.test.yml'), 'utf8')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  const names = (fires: boolean) =>
    new Set(cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map((one) => one.alertname));
  const all = new Set(alerts.map(({ name }) => name));
  expect(names(true)).toEqual(all);
  expect(names(false)).toEqual(all);
});

(promtool ? test : test.skip)('promtool accepts the configuration, and its tests of the rules pass', () => {
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  }
});
