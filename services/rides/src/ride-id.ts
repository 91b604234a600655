/** Creates the id of a ride: a new one, or one derived from the customer and the Idempotency-Key. */
import { v5, v7 } from 'uuid';

/** Random bytes for many ids at once, because asking the system for each id takes longer than the rest. */
const pool = new Uint8Array(16 * 256);
let used = pool.length;

/** UUIDv7 (RFC 9562): ids sort by time in milliseconds. */
export function newId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 16);
  used += 16;
  return v7({ random });
}

/** Our own namespace for UUIDv5 (RFC 9562), so these ids differ from those of other systems. */
const namespace = '6f0ba1c8-53a8-4a3c-9a3e-2a1f0d1c7e55';

/** The same customer and key always give the same ride id, on any machine. */
export const idOf = (customerId: string, key: string): string => v5(`${customerId}\n${key}`, namespace);
