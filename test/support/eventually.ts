import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves as soon as the check passes. The pauses between checks only reduce the load, and become longer with the wait; nothing
 * depends on their length.
 * @throws the check's last error when it never passed within the patience, in milliseconds
 */
export async function eventually<T>(check: () => T | Promise<T>, patience = 120_000): Promise<T> {
  for (const start = Date.now(); ; ) {
    try {
      return await check();
    } catch (error) {
      const waited = Date.now() - start;
      if (waited > patience) throw error;
      await pause(Math.min(25 + waited / 20, 100));
    }
  }
}
