/** The thread in which the student's file is loaded and looked at. */
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { labs } from '../all.ts';
import { threw } from './code-check.ts';
import { Ground } from './ground.ts';
import type { CodeCheck, Failure } from './lab.ts';
import { randomOf } from './random.ts';

export interface WorkerOf {
  /** The number of the lab. */
  lab: number;
  /** The student's file: an absolute path. */
  file: string;
  seed: string;
}

/** What it tells. It is told which check to run, counted from 0, and the brokers if it asks for them. */
export type Told =
  | { what: 'ready' }
  | { what: 'needs a broker' }
  | { what: 'no broker'; why: string }
  | { what: 'measured'; line: [string, string] }
  | { what: 'done'; failure: Failure | null };

const port = parentPort as MessagePort;
const { lab, file, seed }: WorkerOf = workerData;
const tell = (told: Told) => port.postMessage(told);
const checks = labs.find(({ number }) => number === lab)?.checks ?? [];
let opened: Ground | undefined;

async function ground(): Promise<Ground> {
  if (opened) return opened;
  const answer = once(port, 'message');
  tell({ what: 'needs a broker' });
  const [{ brokers }] = await answer;
  opened = new Ground(brokers);
  try {
    await opened.open();
    return opened;
  } catch (error) {
    tell({ what: 'no broker', why: (error as Error).message });
    return new Promise(() => {}); // the check is over, and the student's code is not to blame
  }
}

port.on('message', async (order: { check?: number }) => {
  if (order.check === undefined) return;
  const { name, run } = checks[order.check] as CodeCheck;
  try {
    // A new address each time, because Node keeps a module that it has loaded.
    const exported = await import(`${pathToFileURL(file).href}?${Date.now()}`);
    const measured = (...line: [string, string]) => tell({ what: 'measured', line });
    const failure = await run(exported, randomOf(`${seed}/${name}`), ground, { file, measured });
    tell({ what: 'done', failure });
  } catch (error) {
    tell({ what: 'done', failure: threw(error as Error, file) });
  }
});
tell({ what: 'ready' });
