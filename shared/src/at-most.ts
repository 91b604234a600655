import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something, for at most so many milliseconds. It goes on by itself when the time is over, and what it comes to is ignored.
 * @returns whether it ended in time
 * @throws what it rejects with in time
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
