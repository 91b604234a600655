/**
 * Keeps a broker and the flow page running between checks, in the background. Ends when it is told to, or when no command has
 * used it for a while.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from '../../../infra/broker/broker.ts';
import { freePorts } from '../../../infra/broker/ports.ts';
import { lock } from '../../../infra/system/lock.ts';
import { System } from '../../../infra/system/system.ts';
import { Ground } from './ground.ts';
import { folder, type Kept, keeperFile, keptFile } from './keep.ts';

// Its last lines are what a student reads if it cannot start.
process.on('uncaughtException', ({ message }) => {
  console.log(message);
  process.exit(1);
});

/** In milliseconds. */
const idle = Number(process.argv[2] ?? 20 * 60_000);

mkdirSync(folder, { recursive: true });
const unlock = lock(keeperFile, 'the labs');
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    stopping = true;
  });

rmSync(`${folder}/kafka`, { recursive: true, force: true }); // so the flow page begins empty
const broker = await startBroker({
  dataDir: `${folder}/kafka`,
  env: { ...process.env, KAFKA_BROKERS: undefined },
  onProgress: (line) => console.log(line),
});
console.log(broker.how);
const ground = new Ground(broker.brokers);
await ground.open();
await ground.close();

const [rides = 0, transaction = 0, email = 0, analytics = 0, flow = 0, mailbox = 0, smtp = 0] =
  await freePorts(7);
const system = new System({
  brokers: broker.brokers,
  ports: { rides, transaction, email, analytics, flow, mailbox, smtp },
  database: '',
  replicationFactor: 1,
  teaching: false,
  env: {},
  onLine: () => {},
  onEvent: ({ what, detail }) => {
    if (what === 'ended') console.log(`the flow page ended: ${detail}`);
  },
});
const kept: Kept = {
  version: 1,
  pid: process.pid,
  brokers: broker.brokers,
  how: broker.how,
  flow: system.url('flow'),
};
// The page may come later: no check waits for it.
const page = system.start(['flow']).catch((error: Error) => console.log(error.message));
writeFileSync(keptFile, JSON.stringify(kept), { mode: 0o600 });

const used = () => statSync(keptFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
while (!stopping && Date.now() - used() < idle) await sleep(200);
rmSync(keptFile, { force: true });
await page;
await system.stop();
await broker.stop();
unlock();
process.exit(0);
