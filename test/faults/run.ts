/**
 * `npm run test:faults`: breaks the system in every way that its guarantees are meant to survive, under load, and lets the
 * independent checker count. Ends with a Markdown table, a line `N passed, N failed`, and 0 when nothing failed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check, format, type Report } from '../../infra/check/check.ts';
import { project } from '../support/copy.ts';
import { putIntoReadme } from '../support/readme.ts';
import { scenarios } from './all.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

const help = `npm run test:faults [-- --share] [--only name,name] [--readme]

  --share        fewer rounds, five minutes instead of fifteen
  --only NAMES   some of them: ${scenarios.map(({ name }) => name).join(', ')}
  --readme       puts the table into the README
  --patience N   seconds that the checker waits for what is in flight (default 90)`;

const { values: options } = parseArgs({
  options: {
    share: { type: 'boolean', default: false },
    only: { type: 'string' },
    readme: { type: 'boolean', default: false },
    patience: { type: 'string', default: '90' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(help);
  process.exit(0);
}
const only = options.only?.split(',') ?? scenarios.map(({ name }) => name);
const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}\n\n${help}`);
  process.exit(2);
}

const rows: string[] = [];
let failed = 0;
const chosen = scenarios.filter(({ name }) => only.includes(name));
for (const scenario of chosen) {
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  console.log(`\n== ${scenario.name}: ${scenario.what}`);
  try {
    const { outcome, report, accepted } = await runOne(scenario, (line) =>
      console.log(`   ${seconds().padStart(5)}  ${line}`),
    );
    rows.push(row(scenario, outcome, report, accepted));
    console.log(`   passed after ${seconds()}`);
  } catch (error) {
    failed++;
    rows.push(`| ${scenario.what} | failed | | | | | |`);
    console.log(`   FAILED after ${seconds()}: ${(error as Error).stack}`);
  }
}

const table = `| what was done | rounds | rides accepted | lost | decided twice | out of order | mails repeated |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
console.log(`\n${table}\n`);
if (options.readme) await putIntoReadme('faults', table);
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function runOne(scenario: Scenario, say: (line: string) => void) {
  const world = await (scenario.world ?? createWorld)(options.share);
  try {
    const outcome = await scenario.run(world, say);
    const report = await check({
      brokers: world.broker.brokers,
      mails: world.mailsSeen,
      stats: world.statsSeen,
      accepted: world.accepted,
      waitMs: Number(options.patience) * 1000,
    });
    say(
      `${outcome.rounds} rounds, ${world.accepted.length} rides accepted${outcome.note ? `; ${outcome.note}` : ''}`,
    );
    if (!report.ok) throw new Error(`the checker found violations:\n${format(report)}`);
    return { outcome, report, accepted: world.accepted.length };
  } catch (error) {
    const log = join(project, `.rideflow/faults-${scenario.name}.log`);
    await mkdir(join(project, '.rideflow'), { recursive: true });
    await writeFile(log, world.lines.join('\n'));
    console.log(`   what the services logged: ${log}`);
    throw error;
  } finally {
    await world.stop();
  }
}

function row(
  { what }: Scenario,
  { rounds, note }: Outcome,
  { table, repeatedMails }: Report,
  accepted: number,
): string {
  const done = note ? `${what} (${note})` : what;
  return `| ${done} | ${rounds} | ${accepted} | ${table.lost} | ${table.duplicates} | ${table.orderViolations} | ${repeatedMails} |`;
}
