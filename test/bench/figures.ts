/**
 * What the system takes on this machine: time from a warm start to ready, time of a ride from POST to its stored
 * confirmation at a steady rate, idle processor time and resident memory. Prints a Markdown table.
 *
 * The ride's time has a control in the same run: a message that a plain kafkajs producer sends and a plain consumer reads
 * over the same broker, in turn with the rides, so that a slow machine shows in both.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { serviceNames } from '../../infra/system/system.ts';
import { startTestSystem, type TestSystem } from '../support/system.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log('npm run figures -- [--rate 50] [--seconds 20]   measures a system of its own on free ports');
  process.exit(0);
}
const rate = Number(options.rate);
const seconds = Number(options.seconds);

interface Row {
  figure: string;
  measured: string;
  control: string;
}
const rows: Row[] = [];
const add = (figure: string, measured: string, control = '') => rows.push({ figure, measured, control });

const at = start + (i * 1000) / rate;
    const wait = at - performance.now();
    if (wait > 0) await sleep(wait);
    due.set(`figures_${i}`, at);
    answers.push(it.book({ ...randomRide(random), customer_id: `figures_${i}`, payment_token: 'tok_ok' }));
    answers.push(control.send(at).then((ms) => plain.push(ms)));
  }
  await Promise.all(answers);
  for (const end = Date.now() + 10_000; rides.length < count && Date.now() < end; ) await sleep(10);
  if (rides.length !== count) throw new Error(`${count - rides.length} of ${count} rides were not confirmed`);
  await control.stop();
  const [r50, r99, p50, p99] = [at(rides, 0.5), at(rides, 0.99), at(plain, 0.5), at(plain, 0.99)];
  add(
    `POST to stored confirmation at ${rate} rides/s, p50`,
    `${r50.toFixed(0)} ms`,
    `plain message ${p50.toFixed(0)} ms: ${(r50 / p50).toFixed(1)} times`,
  );
  add(
    `the same, p99`,
    `${r99.toFixed(0)} ms`,
    `plain message ${p99.toFixed(0)} ms: ${(r99 / p99).toFixed(1)} times`,
  );
}

async function plainRoundTrip(brokers: string[]) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const [admin, producer, consumer] = [
    kafka.admin(),
    kafka.producer(),
    kafka.consumer({ groupId: 'figures', maxWaitTimeInMs: 250 }),
  ];
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'figures', numPartitions: 3 }], waitForLeaders: true });
  await producer.connect();
  const waiting = new Map<string, () => void>();
  await consumer.connect();
  await consumer.subscribe({ topics: ['figures'], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
  await consumer.run({ eachMessage: async ({ message }) => waiting.get(String(message.value))?.() });
  await joined;
  let next = 0;
  return {
    async send(due: number): Promise<number> {
      const id = String(next++);
      const arrived = new Promise<void>((resolve) => waiting.set(id, resolve));
      await producer.send({ topic: 'figures', messages: [{ key: id, value: id }] });
      await arrived;
      return performance.now() - due;
    },
    stop: () => Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]),
  };
}

/** A quantile, nearest rank. */
const at = (times: number[], share: number) =>
  times.sort((a, b) => a - b)[Math.ceil(times.length * share) - 1] as number;

await warmStart();
const it = await startTestSystem();
try {
  await latency(it);
  await idle(it);
} finally {
  await it.stop();
}
console.log(
  `\n${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
);
console.log('| figure | measured | control in the same run |\n| --- | --- | --- |');
for (const { figure, measured, control } of rows) console.log(`| ${figure} | ${measured} | ${control} |`);

/** `npm start -- --once`, twice over the same data; the second one counts. */
async function warmStart() {
  const data = await mkdtemp(join(tmpdir(), 'rideflow-figures-'));
  const run = async () => {
    const start = performance.now();
    const child = spawn('npm', ['start', '--', '--once', '--port-offset', '300', '--data', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let ready = 0;
    for await (const chunk of child.stdout)
      if (!ready && String(chunk).includes('all ready')) ready = performance.now() - start;
    if (!ready) throw new Error('npm start did not become ready');
    return ready / 1000;
  };
  const cold = await run();
  add('npm start to ready, data there', `${(await run()).toFixed(1)} s`, `first start: ${cold.toFixed(1)} s`);
  await rm(data, { recursive: true, force: true });
}

/** Open loop: requests leave by the clock, whether or not earlier ones were answered, and time counts from when each was due. */
async function latency(it: TestSystem) {
  const control = await plainRoundTrip(it.broker.brokers);
  const random = seededRandom(1);
  const due = new Map<string, number>();
  const rides: number[] = [];
  const plain: number[] = [];
  it.log.onEntry = ({ topic, value }) => {
    const since = due.get(String(value?.customer_id));
    if (topic === 'ride_confirmed' && since !== undefined) rides.push(performance.now() - since);
  };
  const count = rate * seconds;
  const start = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    
/** From /proc, so on Linux only. */
async function idle(it: TestSystem) {
  const pids = serviceNames.map((name) => it.system.children.get(name)?.pid as number);
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString());
  const ticks = async (pid: number) => {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const measured = 20;
  await sleep(3000);
  const before = await Promise.all(pids.map(ticks));
  await sleep(measured * 1000);
  const after = await Promise.all(pids.map(ticks));
  const share = after.map((end, i) => ((end - (before[i] as number)) / ticksPerSecond / measured) * 100);
  const sum = share.reduce((a, b) => a + b, 0);
  add(
    'processor, all four services idle',
    `${sum.toFixed(1)} % of a core`,
    serviceNames.map((name, i) => `${name} ${share[i]?.toFixed(1)}`).join(', '),
  );
  const memory = await Promise.all(
    pids.map(
      async (pid) => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    ),
  );
  add(
    'resident memory of the largest service',
    `${Math.max(...memory).toFixed(0)} MB`,
    serviceNames.map((name, i) => `${name} ${memory[i]?.toFixed(0)}`).join(', '),
  );
}
