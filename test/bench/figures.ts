/**
 * `npm run figures`: measures the system on this machine: time from a warm start to ready, time of a ride from POST to its
 * stored confirmation at a steady rate, idle processor time, and resident memory. Prints a Markdown table.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serviceNames } from '../../infra/system/system.ts';
import { residentMb } from '../faults/memory.ts';
import { putIntoReadme } from '../support/readme.ts';
import { startTestSystem, type TestSystem } from '../support/system.ts';
import { measureLatency, quantile } from './latency.ts';
import { processorShare } from './processes.ts';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    readme: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(
    'npm run figures -- [--rate 50] [--seconds 20] [--readme]   starts and measures its own systems; --readme writes the table to test/bench/README.md',
  );
  process.exit(0);
}

const rows: string[] = [];
function add(figure: string, measured: string, beside: string) {
  rows.push(`| ${figure} | ${measured} | ${beside} |`);
  console.log(`${figure}: ${measured} (${beside})`);
}

await start();
const it = await startTestSystem();
try {
  await latency(it, Number(options.rate), Number(options.seconds));
  await cost(it);
} finally {
  await it.stop();
}
const table = `${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}; made by \`npm run figures\`:

| figure | measured | beside it, in the same run |
| --- | --- | --- |
${rows.join('\n')}`;
console.log(`\n${table}`);
if (options.readme) await putIntoReadme('test/bench', 'figures', table);

/** `npm start -- --once`, twice over the same data. */
async function start() {
  const data = await mkdtemp(join(tmpdir(), 'rideflow-figures-'));
  const first = await secondsToReady(data);
  const second = await secondsToReady(data);
  add('npm start to ready', `${second.toFixed(1)} s`, `with no data yet: ${first.toFixed(1)} s`);
  await rm(data, { recursive: true, force: true });
}

async function secondsToReady(data: string): Promise<number> {
  const start = performance.now();
  const child = spawn('npm', ['start', '--', '--once', '--port-offset', '300', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let ready = 0;
  for await (const chunk of child.stdout) {
    if (!ready && String(chunk).includes('all ready')) ready = performance.now() - start;
  }
  if (!ready) throw new Error('npm start did not become ready');
  return ready / 1000;
}

async function latency(it: TestSystem, rate: number, seconds: number) {
  await measureLatency(it, rate, 10); // warm-up: the code of the broker and the services is compiled while it runs
  const { rides, plain } = await measureLatency(it, rate, seconds);
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [ride, message] = [quantile(rides, share), quantile(plain, share)];
    add(
      `POST to stored confirmation at ${rate} rides/s, after 10 s of it, ${name}`,
      `${ride.toFixed(0)} ms`,
      `a plain message: ${message.toFixed(0)} ms`,
    );
  }
}

async function cost(it: TestSystem) {
  const pids = serviceNames.map((name) => it.system.children.get(name)?.pid as number);
  await sleep(3000); // waits for the last mails and counts
  const share = await processorShare(pids, 20);
  const list = (figures: number[], digits: number) =>
    serviceNames.map((name, i) => `${name} ${figures[i]?.toFixed(digits)}`).join(', ');
  const total = share.reduce((sum, figure) => sum + figure, 0);
  add('processor time of all four services, idle', `${total.toFixed(1)} % of a core`, list(share, 1));
  const memory = await Promise.all(pids.map(residentMb));
  add('resident memory of the largest service', `${Math.max(...memory).toFixed(0)} MB`, list(memory, 0));
}
