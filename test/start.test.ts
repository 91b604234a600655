/** `npm start` as a person uses it. Ports and data of its own, so it runs beside whatever else is running. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { answers } from '../infra/broker/ports.ts';
import { blockedPort } from '../infra/system/ports.ts';
import { defaultPorts } from '../infra/system/system.ts';
import { eventually } from './support/eventually.ts';

let data: string;
let offset: number;
const running: ChildProcess[] = [];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'rideflow-start-'));
  offset = await freeOffset();
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
  const [volume] = (await readFile(join(data, 'kafka/docker-volume-of-1'), 'utf8').catch(() => '')).split(
    '\n',
  );
  if (volume) {
    // Free as soon as the last container that had it is gone.
    await eventually(
      () => void execFileSync('docker', ['volume', 'rm', '-f', `${volume}-1`], { stdio: 'pipe' }),
    );
  }
  await rm(data, { recursive: true, force: true });
});

/** What a shell of somebody else has exported: conda, a web project, another Kafka's login. */
const exported = {
  HOST: 'x86_64-conda-linux-gnu',
  PORT: '3000',
  LOG_LEVEL: 'verbose',
  DATABASE: 'postgres://me@localhost/shop',
  PUBLIC_URL: '/',
  ADMIN: 'root@example.com',
  SMTP_URL: 'smtp://mail.invalid',
  KAFKA_SASL_USERNAME: 'me',
};

test('--once prints the path of the sample ride, ends with 0 and leaves nothing running; a second run, in a shell with variables of other programs, finds its data, restarts a service that dies, is named to a third one, and ends with 0 at Ctrl-C', async () => {
  const first = start('--once');
  const status = await first.ended;
  expect(`${status}\n${first.text()}`).toMatch(/^0\n/); // shows what it said when it failed
  expectRide(1, first.text());
  await expectNothingLeft();

  const second = startWith(exported);
  await eventually(() => expect(second.text()).toContain('Running.'));
  expectRide(2, second.text());
  for (const name of Object.keys(exported))
    expect(second.text()).toMatch(new RegExp(`${name}.* is not used: `));
  const pid = await eventually(async () => {
    const log = (await readFile(join(data, 'logs/transaction.log'), 'utf8')).trim().split('\n');
    return (JSON.parse(log.at(-1) as string) as { pid: number }).pid;
  });
  process.kill(pid, 'SIGKILL');
  await eventually(() =>
    expect(second.text()).toMatch(/transaction\s+ended \(killed by SIGKILL\) and will be restarted/),
  );
  // Asked without taking the port, even for a moment: the service wants it.
  await eventually(async () => expect(await answers('127.0.0.1', 4001 + offset)).toBe(true));
  const third = start();
  expect(await third.ended).toBe(1);
  expect(third.text()).toContain(`rideflow already runs here, as process ${second.child.pid}`);
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  await expectNothingLeft();
});

function expectRide(number: number, text: string) {
  for (const step of ['accepted', 'stored', 'decided', 'mailed', 'counted']) expect(text).toContain(step);
  expect(text).toContain(`ride number ${number} in the statistics`);
}

test('a killed start leaves nothing running', async () => {
  const { child, text } = start();
  await eventually(() => expect(text()).toContain('Running.'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expectNothingLeft();
});

test('a port that is in use is named, with a free offset', async () => {
  const server = createServer((socket) => socket.destroy()).listen(defaultPorts.rides + offset, '127.0.0.1');
  await once(server, 'listening');
  const { text, ended } = start('--once');
  const status = await ended;
  server.close();
  await once(server, 'close');
  expect(`${status} ${text()}`).toMatch(
    new RegExp(`^1 .*port ${defaultPorts.rides + offset}, which rides needs, is in use`, 's'),
  );
  const advised = Number(/npm start -- --port-offset (\d+)/.exec(text())?.[1]);
  expect(await Promise.all(ports.map((port) => canListen(port + advised)))).toEqual(ports.map(() => true));
});

test('an offset that gives a page a port that browsers refuse is rejected at once, with the nearest one that works', async () => {
  const { text, ended } = start('--port-offset', '2000');
  expect(await ended).toBe(2);
  expect(text().split('\n')[0]).toMatch(
    /gives rides port 6000, which every browser refuses.*--port-offset 2001$/,
  );
  expect(text()).not.toContain('Stopping');
});

test('an unknown option is refused with the help', async () => {
  const { text, ended } = start('--clutser');
  expect(await ended).toBe(2);
  expect(text()).toMatch(/--clutser[\s\S]*--cluster/);
});

const start = (...args: string[]) => startWith({}, ...args);

function startWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  const script = join(import.meta.dirname, '../infra/start.ts');
  const all = [script, '--port-offset', String(offset), '--data', data, ...args];
  const child = spawn(process.execPath, all, { env: { ...process.env, ...env } });
  running.push(child);
  const lines: string[] = [];
  const said = [child.stdout, child.stderr].map((input) =>
    once(
      createInterface({ input }).on('line', (line) => lines.push(line)),
      'close',
    ),
  );
  /** How it ended, once all of its lines are there. */
  const ended = Promise.all([once(child, 'exit'), ...said]).then(([[code]]) => code as number | null);
  return { child, text: () => lines.join('\n'), ended };
}

const ports = [...Object.values(defaultPorts), 9092];

async function expectNothingLeft() {
  await eventually(async () => {
    expect(await Promise.all(ports.map(listening))).toEqual(ports.map(() => false));
  });
}

async function listening(port: number): Promise<boolean> {
  return !(await canListen(port + offset));
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Below the ports that the machine hands out, so that nobody is given one of them in between. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const candidate = 5000 + Math.floor(Math.random() * 150) * 100;
    if (blockedPort(candidate)) continue;
    if ((await Promise.all(ports.map((port) => canListen(port + candidate)))).every(Boolean))
      return candidate;
  }
}
