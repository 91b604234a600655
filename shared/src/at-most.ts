import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a promise for at most this many milliseconds. After that, its outcome is ignored.
 * @returns whether it settled in time
 * @throws its error if it rejects in time
 */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(milliseconds, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    over.abort();
  }
}
