/** Sends more bookings than a system can handle, in a separate thread, so counting does not slow them down. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Accepted } from '../../infra/check/check.ts';

/**
 * A fixed rate, whatever the answers are (open loop), or a fixed number of clients that wait for their answers (closed loop).
 */
export type FloodOrder = ({ rate: number } | { clients: number }) & {
  seconds: number;
  /** The rate of answers is measured after this many seconds. Default: 1. */
  after?: number;
};

export interface Flood {
  sent: number;
  /** Not sent, because every connection was waiting for an answer. */
  waiting: number;
  /** No answer: the connection closed, or 20 s passed. */
  unanswered: number;
  /** Number of answers by status. */
  statuses: Record<number, number>;
  /** The first of the answers that are neither 202 nor 4xx nor 503 with a Retry-After. */
  wrong: string[];
  accepted: Accepted[];
  /** 202 answers per second while requests were sent, without the warm-up. */
  rate: number;
  /** The longest time until an answer, in milliseconds. */
  slowest: number;
}

/** @param connections the most connections; each waits for its answer */
export function startFlood(url: string, connections: number, seed = 'flood') {
  const worker = new Worker(new URL('flood-worker.ts', import.meta.url), {
    workerData: { url, connections, seed },
  });
  return {
    /** Runs one flood at a time. @throws Error when an answer is not allowed */
    async run(order: FloodOrder): Promise<Flood> {
      worker.postMessage(order);
      const [flood] = (await once(worker, 'message')) as [Flood];
      if (flood.wrong.length > 0) throw new Error(`unexpected answers:\n${flood.wrong.join('\n\n')}`);
      return flood;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

/** `1200 × 202, 300 × 503`, and the unanswered requests. */
export const answersOf = ({ statuses, unanswered, waiting }: Flood): string =>
  [
    ...Object.entries(statuses).map(([status, count]) => `${count} × ${status}`),
    ...(unanswered ? [`${unanswered} unanswered`] : []),
    ...(waiting ? [`${waiting} not sent because every connection was waiting`] : []),
  ].join(', ');
