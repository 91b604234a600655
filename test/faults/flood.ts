/** More bookings than a system can take, made in a thread of their own so that counting them does not slow them down. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Accepted } from '../../infra/check/check.ts';

/** So many a second, whatever the answers are (open loop), or as many as so many clients get answered (closed loop). */
export type FloodOrder = ({ rate: number } | { clients: number }) & {
  seconds: number;
  /** The rate of answers is measured from so many seconds on; 1 where it is missing. */
  after?: number;
};

export interface Flood {
  sent: number;
  /** Not sent, since each connection was waiting for an answer. */
  waiting: number;
  /** The connection closed without one, or there was none in 20 s. */
  unanswered: number;
  /** Answers by their status. */
  statuses: Record<number, number>;
  /** The first of the answers that are neither 202 nor 4xx nor 503 with a Retry-After. */
  wrong: string[];
  accepted: Accepted[];
  /** Answers with 202 a second, while requests were sent; the first second, or what the order says, is left out. */
  rate: number;
  /** The longest time until an answer, in milliseconds. */
  slowest: number;
}

/** @param connections at most so many at a time; each waits for its answer */
export function startFlood(url: string, connections: number, seed = 'flood') {
  const worker = new Worker(new URL('flood-worker.ts', import.meta.url), {
    workerData: { url, connections, seed },
  });
  return {
    /** One at a time. @throws Error when an answer is none of those that are allowed */
    async run(order: FloodOrder): Promise<Flood> {
      worker.postMessage(order);
      const [flood] = (await once(worker, 'message')) as [Flood];
      if (flood.wrong.length > 0) throw new Error(`answers that must not be:\n${flood.wrong.join('\n\n')}`);
      return flood;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

/** `1200 × 202, 300 × 503`, and what was not answered. */
export const answersOf = ({ statuses, unanswered, waiting }: Flood): string =>
  [
    ...Object.entries(statuses).map(([status, count]) => `${count} × ${status}`),
    ...(unanswered ? [`${unanswered} unanswered`] : []),
    ...(waiting ? [`${waiting} not sent because every connection was waiting`] : []),
  ].join(', ');
