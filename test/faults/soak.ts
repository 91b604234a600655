/**
 * `npm run soak`: random faults of all kinds under load, with the checker every minute, and the resources of each process.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../infra/book/random.ts';
import { check, format } from '../../infra/check/check.ts';
import { project } from '../support/copy.ts';
import { Lives } from './lives.ts';
import { startBehindProxy } from './proxy.ts';
import { answers, kindsOfFault, nextFault } from './soak-faults.ts';
import { createWorld } from './world.ts';

const help = `npm run soak [-- --minutes N] [--seed TEXT] [--rate N]

  --minutes N   duration in minutes, 1 to 10000 (default 5)
  --seed TEXT   repeats the faults of the run that printed this seed, in the same order (default: random)
  --rate N      rides per second, 1 to 500 (default 30)

Causes random faults of the services, the broker, the network and the mail server: kills, freezes and crashes, several at a time.
The checker runs every minute, and once more at the end, when nothing is in flight. Prints a table. Exits with 0 if there is no
violation, with 1 at the first violation, and with 2 if an option is wrong. Ctrl-C stops it at once and prints the results so far.`;

const options = readOptions();
/** One for each kind, because kinds happen in parallel in any order. */
const hands = kindsOfFault.map((kind, n) => ({ kind, random: seededRandom(`${options.seed}/${n}`) }));
console.log(
  `${options.minutes} min at ${options.rate} rides a second; --seed ${options.seed} makes the same faults`,
);

/** How long the checker waits at the end for rides in flight, in milliseconds. */
const patience = 120_000;
/** Pauses between faults, in milliseconds. */
const longestPause = 5000;
/** The number of log lines that are kept. */
const mostLines = 50_000;

const world = await createWorld({ share: false, slack: 1 }, undefined, {
  broker: (dataDir) => startBehindProxy(dataDir, (api) => answers.treatment(api)),
});
// Only keeps what the checker needs. Otherwise this process would need more memory than all others.
world.log.onEntry = () => void world.log.entries.splice(0);
const trim = setInterval(() => {
  world.lines.splice(0, world.lines.length - mostLines);
  for (let i = world.mailbox.mails.length - 1; world.mailbox.mails[i]?.html; i--)
    Object.assign(world.mailbox.mails[i] as object, { html: '', text: '' });
}, 1000);
const lives = new Lives(world.system);
const faults = new Map<string, number>();
const begun = Date.now();
let violations = 0;
let ending = false;

process.once('SIGINT', interrupted);
process.once('SIGTERM', interrupted);
try {
  const load = world.load(options.rate);
  for (let minute = 1; minute <= options.minutes && violations === 0; minute++) {
    const end = begun + minute * 60_000;
    await Promise.all(hands.map((hand) => breakUntil(end, hand)));
    await count(0);
  }
  await load.stop();
  if (violations === 0) await count(patience);
} catch (error) {
  if (!ending) {
    violations ||= 1;
    say(`FAILED: ${(error as Error).stack}`);
  }
}
if (!ending) await finish(violations > 0 ? 1 : 0);

async function breakUntil(end: number, { kind, random }: (typeof hands)[number]): Promise<void> {
  while (Date.now() < end && !ending) {
    const fault = nextFault(kind, random);
    faults.set(fault.what, (faults.get(fault.what) ?? 0) + 1);
    await fault.happen(world);
    await new Promise((resolve) => setTimeout(resolve, random() * longestPause));
  }
}

/** @param waitMs wait for rides in flight, which are then violations; 0: they are not */
async function count(waitMs: number): Promise<void> {
  const report = await check({
    brokers: world.broker.brokers,
    mails: world.mailsSeen,
    stats: world.statsSeen,
    accepted: [...world.accepted], // only rides that were accepted before the check
    waitMs,
  });
  violations = Object.values(report.counts).reduce((sum, n) => sum + n, 0);
  const total = [...faults.values()].reduce((sum, n) => sum + n, 0);
  say(
    `${world.accepted.length} rides, ${total} faults, ${report.repeatedMails} mails repeated, ${violations} violations; ${lives.now()}`,
  );
  if (violations > 0) console.log(format(report));
}

async function finish(status: number): Promise<never> {
  ending = true;
  clearInterval(trim);
  lives.stop();
  if (status === 1) {
    const log = join(project, '.rideflow/soak.log');
    await mkdir(join(project, '.rideflow'), { recursive: true });
    await writeFile(log, world.lines.join('\n'));
    say(`logs of the services: ${log}`);
  }
  await world.stop();
  console.log(`\n${lives.table()}\n`);
  const list = [...faults].sort().map(([what, times]) => `| ${what} | ${times} |`);
  console.log(`| fault | times |\n| --- | --- |\n${list.join('\n')}\n`);
  const total = [...faults.values()].reduce((sum, n) => sum + n, 0);
  console.log(
    `${violations} violations: ${world.accepted.length} rides and ${total} faults in ${minutes()}, seed ${options.seed}`,
  );
  process.exit(status);
}

function interrupted(signal: NodeJS.Signals): void {
  say('interrupted');
  void finish(signal === 'SIGINT' ? 130 : 143);
}

function say(line: string): void {
  console.log(`${minutes().padStart(8)}  ${line}`);
}

function minutes(): string {
  return `${((Date.now() - begun) / 60_000).toFixed(1)} min`;
}

function readOptions(): { minutes: number; seed: string; rate: number } {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
        rate: { type: 'string', default: '30' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const number = (name: 'minutes' | 'rate', most: number) => {
      const value = Number(values[name]);
      if (Number.isInteger(value) && value >= 1 && value <= most) return value;
      throw new Error(`--${name} ${values[name]}: must be a whole number from 1 to ${most}.`);
    };
    return { minutes: number('minutes', 10_000), seed: values.seed, rate: number('rate', 500) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
