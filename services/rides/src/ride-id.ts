/** The two ways a ride gets its id: a new one, or the one that a customer's key stands for. */
import { v5, v7 } from 'uuid';

/** Random bytes for many ids at once: asking the system for each takes longer than all the rest of an id. */
const pool = new Uint8Array(16 * 256);
let used = pool.length;

/** UUIDv7 (RFC 9562): ids of later milliseconds sort behind. */
export function newId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 16);
  used += 16;
  return v7({ random });
}

/** A name space of our own for UUIDv5 (RFC 9562): it keeps these ids apart from those of all other systems. */
const namespace = '6f0ba1c8-53a8-4a3c-9a3e-2a1f0d1c7e55';

/** The same customer and key give the same ride id, on any machine and at any time. */
export const idOf = (customerId: string, key: string): string => v5(`${customerId}\n${key}`, namespace);
