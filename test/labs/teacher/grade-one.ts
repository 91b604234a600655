/**
 * Runs the checks of one submission, in a process of its own: `grade-one.ts FOLDER SEED [BROKER]`. Starts a broker unless one is
 * named. Prints one line of JSON for each lab.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../infra/broker/broker.ts';
import { labs } from '../all.ts';
import { checkLab } from '../engine/check-lab.ts';
import { nameOf } from '../engine/folders.ts';
import { Ground } from '../engine/ground.ts';
import { resultsOf } from '../engine/results.ts';
import { endSpare } from '../engine/try-out.ts';

/** What it prints for a lab. */
export interface Graded {
  lab: number;
  status: 'pass' | 'fail' | 'error';
  check: string;
  saw: string;
  seconds: number;
}

const [folder = '', seed = '', address] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), 'rideflow-grade-'));
let broker: Broker | undefined;
let opened: Ground | undefined;

async function ground(): Promise<Ground> {
  if (opened) return opened;
  if (!address)
    broker = await startBroker({ dataDir: data, env: { ...process.env, KAFKA_BROKERS: undefined } });
  opened = new Ground(broker?.brokers ?? [address ?? '']);
  await opened.open();
  return opened;
}

try {
  for (const lab of labs) {
    const file = join(folder, nameOf(lab), lab.file);
    if (!existsSync(file)) continue;
    const verdict = await checkLab({ lab, file, seed, ground });
    const graded: Graded = {
      lab: lab.number,
      status: resultsOf(lab, verdict).status,
      check: verdict.failed?.check ?? '',
      saw: verdict.failed?.failure.saw ?? '',
      seconds: Math.round(verdict.milliseconds / 100) / 10,
    };
    process.stdout.write(`${JSON.stringify(graded)}\n`);
  }
} finally {
  await endSpare();
  await opened?.close();
  await broker?.stop();
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
