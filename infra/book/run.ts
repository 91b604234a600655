/** Sends many rides at a steady rate, with a bound on the requests in flight. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RideRequest } from '@rideflow/shared/messages.ts';
import { type Outcome, type SendOptions, send } from './send.ts';

export interface RunOptions extends SendOptions {
  /** Rides per second. */
  rate: number;
  /** The most requests in flight. The next one waits until one of them is answered. */
  concurrency: number;
  /** Makes the keys of this run unique. */
  runId: string;
  /** Called for each outcome, in the order of the answers. */
  onOutcome: (outcome: Outcome) => void;
}

/** Resolves when every ride has its outcome or the signal is aborted. Rides without an outcome are not counted. */
export async function run(rides: Iterable<RideRequest>, options: RunOptions): Promise<void> {
  const { rate, concurrency, runId, signal, onOutcome } = options;
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  let count = 0;
  let failure: unknown;
  try {
    for (const ride of rides) {
      // Each ride has its planned time, so slow answers do not lower the rate.
      const early = start + (count * 1000) / rate - performance.now();
      if (early > 0) await sleep(early, undefined, { signal });
      while (underWay.size >= concurrency) await Promise.race(underWay);
      if (signal.aborted || failure) break;
      const sending = send(ride, `${runId}-${count++}`, options)
        .then(onOutcome)
        .catch((error) => {
          failure ??= error;
        })
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  } catch (error) {
    failure = error;
  }
  await Promise.all(underWay);
  if (failure && !signal.aborted) throw failure;
}
