import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves as soon as the check passes. The pauses between checks only reduce the load; nothing depends on their length.
 * @throws the check's last error when it never passed within the patience, in milliseconds
 */
export async function eventually<T>(check: () => T | Promise<T>, patience = 120_000): Promise<T> {
  for (const end = Date.now() + patience; ; await pause(25)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
