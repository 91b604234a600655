/**
 * Runs checks of what the student's file exports, in a thread of their own: code that never returns or that ends its process
 * ends only the thread.
 */
import { once } from 'node:events';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Told, WorkerOf } from './code-worker.ts';
import type { Ground } from './ground.ts';
import type { CodeCheck, Failure, Lab } from './lab.ts';
import { Patience } from './patience.ts';

type Open = () => Promise<Ground>;

export interface CodeRunner {
  /** Resolves when a check can begin. */
  ready(): Promise<void>;
  /** @param onMeasured called with each line that it measured */
  run(check: CodeCheck, open: Open, onMeasured: (line: [string, string]) => void): Promise<Failure | null>;
  close(): Promise<void>;
}

/** @param file the student's: an absolute path */
export function codeRunner(lab: Lab, file: string, seed: string): CodeRunner {
  let worker: Worker | undefined;
  let hear: (told: Told) => void = () => {};
  let end: (failure: Failure) => void = () => {};
  const workerData: WorkerOf = { lab: lab.number, file, seed };
  return {
    async ready() {
      if (worker) return;
      worker = new Worker(new URL('code-worker.ts', import.meta.url), { workerData });
      worker.on('message', (told: Told) => hear(told));
      worker.on('error', (error: Error) => end(threw(error, file)));
      worker.on('exit', () => end({ hint: 'ended', saw: 'Your code ended its process.' }));
      await once(worker, 'message');
    },
    run: (check, open, onMeasured) =>
      new Promise((resolve, reject) => {
        end = resolve;
        hear = (told) => {
          if (told.what === 'measured') onMeasured(told.line);
          if (told.what === 'done') resolve(told.failure);
          if (told.what === 'no broker') reject(new Error(told.why));
          if (told.what === 'needs a broker')
            open().then(({ brokers }) => worker?.postMessage({ brokers }), reject);
        };
        worker?.postMessage({ check: lab.checks.indexOf(check) });
      }),
    close: async () => void (await worker?.terminate()),
  };
}

/**
 * Resolves with a failure when the run takes longer than this, in milliseconds. The start of the broker does not count.
 * @throws Error when the broker cannot be opened
 */
export async function inTime(
  run: (open: Open) => Promise<Failure | null>,
  open: Open,
  longest: number,
): Promise<Failure | null> {
  let opening = false;
  let ended = false;
  const opened = async () => {
    opening = true;
    return open().finally(() => {
      opening = false;
    });
  };
  const late = async (): Promise<Failure> => {
    for (let spent = new Patience(); spent.waited < longest && !ended; spent.look()) {
      await sleep(50, null, { ref: false });
      if (opening) spent = new Patience();
    }
    return { hint: 'late', saw: `Your code did not come to an end within ${longest / 1000} s.` };
  };
  return Promise.race([run(opened), late()]).finally(() => {
    ended = true;
  });
}

/** @param file the student's */
export function threw({ message, stack = '' }: Error, file: string): Failure {
  const name = basename(file);
  const [, line] =
    stack
      .split(name)
      .slice(1)
      .join(name)
      .match(/^(?:\?\d+)?:(\d+)/) ?? [];
  return { hint: 'threw', saw: `Your code threw an error${line ? ` at ${name}:${line}` : ''}: ${message}` };
}
