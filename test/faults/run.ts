/**
 * `npm run test:faults`: breaks the system under load in every way that its guarantees must survive, and runs the independent
 * checker. Prints a Markdown table and a line `N passed, N failed`. Exits with 0 when nothing failed.
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

const usualPatience = 90;
const longestName = Math.max(...scenarios.map(({ name }) => name.length));
const help = `npm run test:faults [-- --share] [--only name,name] [--readme]

  --share        fewer rounds: five minutes instead of fifteen
  --only NAMES   only these scenarios: ${scenarios.map(({ name }) => name).join(', ')}
  --readme       writes the table to test/faults/README.md
  --at-once N    scenarios in parallel (default 2); those that need the whole machine run alone, after the others
  --patience N   seconds that the checker waits for rides in flight (default ${usualPatience}); a longer wait also raises other limits`;

const { values: options } = parseArgs({
  options: {
    share: { type: 'boolean', default: false },
    only: { type: 'string' },
    readme: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
    patience: { type: 'string', default: String(usualPatience) },
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
  console.error(`unknown scenario: ${unknown.join(', ')}\n\n${help}`);
  process.exit(2);
}

const patience = Number(options.patience);
const settings = { share: options.share, slack: Math.max(1, patience / usualPatience) };
const rows = new Map<Scenario, string>();
let failed = 0;
let skipped = 0;
const begun = Date.now();
const chosen = scenarios.filter(({ name }) => only.includes(name));
const together = chosen.filter(({ alone }) => !alone);
await Promise.all(Array.from({ length: Number(options['at-once']) }, () => runAll(together)));
await runAll(chosen.filter(({ alone }) => alone));

const table = `| what was done | rounds | rides accepted | lost | decided twice | out of order | mails repeated |
| --- | --- | --- | --- | --- | --- | --- |
${chosen.map((scenario) => rows.get(scenario)).join('\n')}`;
console.log(`\n${table}\n`);
if (options.readme) await putIntoReadme('test/faults', 'faults', table);
const passed = chosen.length - failed - skipped;
console.log(
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}, in ${secondsSince(begun)}`,
);
process.exit(failed > 0 ? 1 : 0);

/** Runs the remaining scenarios one after the other. */
async function runAll(left: Scenario[]): Promise<void> {
  for (let scenario = left.shift(); scenario; scenario = left.shift()) {
    const { name, what } = scenario;
    const start = Date.now();
    const say = (line: string) =>
      console.log(`${secondsSince(begun).padStart(6)}  ${name.padEnd(longestName)}  ${line}`);
    say(what);
    const impossible = await scenario.impossible?.();
    if (impossible) {
      skipped++;
      rows.set(scenario, `| ${what} | skipped: ${impossible} | | | | | |`);
      say(`skipped: ${impossible}`);
      continue;
    }
    try {
      rows.set(scenario, await runOne(scenario, say));
      say(`passed after ${secondsSince(start)}`);
    } catch (error) {
      failed++;
      rows.set(scenario, `| ${what} | failed | | | | | |`);
      say(`FAILED after ${secondsSince(start)}: ${(error as Error).stack}`);
    }
  }
}

function secondsSince(moment: number): string {
  return `${Math.round((Date.now() - moment) / 1000)} s`;
}

/** @returns its row in the table. @throws Error when it found a failure */
async function runOne(scenario: Scenario, say: (line: string) => void): Promise<string> {
  const world = await (scenario.world ?? createWorld)(settings);
  try {
    const outcome = await scenario.run(world, say);
    const report = await check({
      brokers: world.broker.brokers,
      mails: world.mailsSeen,
      stats: world.statsSeen,
      accepted: world.accepted,
      waitMs: patience * 1000,
    });
    say(
      `${outcome.rounds} rounds, ${world.accepted.length} rides accepted${outcome.note ? `; ${outcome.note}` : ''}`,
    );
    if (!report.ok) throw new Error(`the checker found violations:\n${format(report)}`);
    if (outcome.lacking) throw new Error(outcome.lacking);
    return row(scenario, outcome, report, world.accepted.length);
  } catch (error) {
    const log = join(project, `.rideflow/faults-${scenario.name}.log`);
    await mkdir(join(project, '.rideflow'), { recursive: true });
    await writeFile(log, world.lines.join('\n'));
    say(`logs of the services: ${log}`);
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
