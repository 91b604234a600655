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
  /**
   * Of work before the measurement begins, in seconds of processor time, since code is compiled while it runs; or ten times
   * as long by the clock.
   */
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
  const first = await stepAfter(start, () => true);
  const warmed = first.cpu + warm;
  const tooLong = first.at + 10 * warm;
  const begun = await stepAfter(first.done, ({ cpu, at }) => cpu >= warmed || at >= tooLong);
  const over = begun.at + window;
  const end = await stepAfter(begun.done, ({ done, at }) => at >= over || done >= goal * 0.98);
  const count = end.done - begun.done;
  if (count === 0) throw new Error('all was done before the measurement began: there is too little to do');
  return { rate: count / (end.at - begun.at), cpu: ((end.cpu - begun.cpu) / count) * 1e6 };

  /** The first step forward for which this is so. */
  async function stepAfter(known: number, enough: (now: Now) => boolean): Promise<Now> {
    let before = known;
    let moved = performance.now();
    for (;;) {
      const now = { done: await done(), at: performance.now() / 1000, cpu: sum(pids.map(processorTime)) };
      if (now.done !== before) {
        if (enough(now)) return now;
        before = now.done;
        moved = performance.now();
      }
      if (performance.now() - moved > patience) throw new Error('nothing was done for 30 s');
      await sleep(15);
    }
  }
}

interface Now {
  done: number;
  /** In seconds. */
  at: number;
  cpu: number;
}

export const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
