/** Measures the rate and the processor time of warm processes from outside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { processorTime } from './processes.ts';

export interface Measured {
  /** Per second. */
  rate: number;
  /** Processor time of the measured processes per message, user and system, in microseconds. */
  cpu: number;
}

interface Order {
  /** The work done so far. */
  done: () => Promise<number>;
  /** The total work; the measurement ends slightly before it. */
  total: number;
  pids: number[];
  /**
   * Warm-up before the measurement, in seconds of processor time, because code is compiled while it runs; or ten times as long
   * by the clock.
   */
  warm: number;
  /** The longest measurement, in seconds. */
  window: number;
}

/** How long there may be no progress, in milliseconds. */
const patience = 30_000;

/** Starts and ends with a step of progress, so work in large steps is not cut. @throws Error when there is no more progress */
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
  if (count === 0)
    throw new Error('all work was done before the measurement started: there is too little work');
  return { rate: count / (end.at - begun.at), cpu: ((end.cpu - begun.cpu) / count) * 1e6 };

  /** The first step of progress that meets the condition. */
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
      if (performance.now() - moved > patience) throw new Error('there was no progress for 30 s');
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
