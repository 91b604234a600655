/** How fast, and at what cost in processor time, processes get something done: seen from outside, once they are warm. */
import { setTimeout as sleep } from 'node:timers/promises';
import { processorTime } from './processes.ts';

export interface Measured {
  /** Per second. */
  rate: number;
  /** Processor time of the measured processes per message, user and system, in microseconds. */
  cpu: number;
}

interface Order {
  /** How much is done so far. */
  done: () => Promise<number>;
  /** How much there is to do: the measurement ends a little before it. */
  total: number;
  pids: number[];
  /** Of work before the measurement begins, in seconds: code is compiled while it runs. */
  warm: number;
  /** At most so long, in seconds. */
  window: number;
}

/** How long nothing may happen, in milliseconds. */
const patience = 30_000;

/** Begins and ends with a step forward, so that work done in large steps is not cut. @throws Error when nothing happens any more */
export async function throughput({ done, total, pids, warm, window }: Order): Promise<Measured> {
  const start = await done();
  const goal = start + total;
  await stepAfter(start, 0); // the first of the work is done
  const begun = await stepAfter(await done(), warm);
  const end = await stepAfter(begun.done, window, goal);
  const count = end.done - begun.done;
  if (count === 0) throw new Error('all was done before the measurement began: there is too little to do');
  return { rate: count / (end.at - begun.at), cpu: ((end.cpu - begun.cpu) / count) * 1e6 };

  /** The first step forward after so many seconds, or the last one. */
  async function stepAfter(known: number, seconds: number, goal = Number.POSITIVE_INFINITY) {
    const since = performance.now();
    const due = since + seconds * 1000;
    let before = known;
    for (let moved = since; ; ) {
      const now = { done: await done(), at: performance.now() / 1000, cpu: sum(pids.map(processorTime)) };
      if (now.done !== before) {
        if (now.at * 1000 >= due || now.done >= goal * 0.98) return now;
        before = now.done;
        moved = performance.now();
      }
      if (performance.now() - moved > patience) throw new Error('nothing was done for 30 s');
      await sleep(15);
    }
  }
}

export const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
