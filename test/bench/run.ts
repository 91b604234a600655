/**
 * `npm run bench`: measures every figure and its control in the same run. Prints a Markdown table, writes all measurements to
 * `.rideflow/bench.json`, and exits with 1 when something failed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { project } from '../support/copy.ts';
import { putIntoReadme } from '../support/readme.ts';
import { groups } from './all.ts';
import { createGround } from './ground.ts';
import type { Group } from './group.ts';
import { measureAll, tell } from './measure.ts';
import { showProgress } from './progress-bar.ts';

/** Time limit for all measurements, in seconds. Figures that do not fit are skipped. */
const limit = { full: 15 * 60, quick: 75 };

const list = groups
  .map(
    ({ name, what, seconds, extra }) =>
      `    ${name.padEnd(13)}${what}; ${seconds} s${extra ? ', only when named' : ''}`,
  )
  .join('\n');
const help = `npm run bench [-- --quick] [--only name,name] [--rounds 5] [--readme]

  Starts its own broker and services, and measures each figure and its control in alternation. Takes at most 15 minutes.
  Figures that do not fit are skipped and listed. Nothing else should run meanwhile. Prints a Markdown table, and writes all
  measurements to .rideflow/bench.json.

  --quick        one minute: fewer figures, two rounds
  --rounds N     number of rounds of each comparison (default 5; with --quick 2)
  --only NAMES   only these figures:
${list}
  --readme       writes the table to test/bench/README.md`;

const { values: options } = parseOrExit();
if (options.help) {
  console.log(help);
  process.exit(0);
}
const names = options.only?.split(',') ?? groups.filter(({ extra }) => !extra).map(({ name }) => name);
const unknown = names.filter((name) => !groups.some((group) => group.name === name));
if (unknown.length > 0) exitWith(`There is no figure ${unknown.join(', ')}.`);
const rounds = Number(options.rounds ?? (options.quick ? 2 : 5));
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
  exitWith('--rounds must be a whole number from 1 to 50.');

const secondsOf = (group: Group) =>
  options.quick && !options.only ? (group.quickSeconds ?? 0) : group.seconds;
const chosen = groups.filter((group) => names.includes(group.name) && secondsOf(group) > 0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const progress = showProgress(
  chosen.reduce((sum, group) => sum + secondsOf(group), 0),
  process.stderr,
);
const ground = await createGround();
const start = performance.now();
const figures = await measureAll({
  groups: chosen,
  ground,
  plan: { quick: options.quick, rounds },
  secondsOf,
  limit: options.only ? Number.POSITIVE_INFINITY : options.quick ? limit.quick : limit.full,
  progress,
});
const elapsed = Math.round((performance.now() - start) / 1000);
progress.stop();

const machine = `${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
const how = `${rounds} rounds, in turns: the middle one, and the lowest to the highest; ${elapsed} s`;
const table = `${machine}; ${how}; made by \`npm run bench\`:\n\n${tell(figures)}`;
console.log(table);
const { rows, leftOut, failed } = figures;
const missing = [...leftOut, ...failed.map(({ group }) => group)].map(({ name }) => name);
const report = { machine, rounds, quick: options.quick, date: new Date().toISOString(), rows, missing };
await mkdir(join(project, '.rideflow'), { recursive: true });
await writeFile(join(project, '.rideflow/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
const places = new Set(chosen.map(({ extra = 'bench' }) => extra));
const [place = 'bench'] = places.size === 1 ? places : [];
if (options.readme) await putIntoReadme('test/bench', place, table);
await ground.stop().catch((error: Error) => console.error(`The broker did not stop: ${error.message}`));
process.exit(failed.length > 0 ? 1 : 0);

function parseOrExit() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string' },
        readme: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return exitWith((error as Error).message);
  }
}

function exitWith(reason: string): never {
  console.error(`${reason}\n\n${help}`);
  process.exit(2);
}
