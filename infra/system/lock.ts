import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from '../broker/guard.ts';

/**
 * Takes a lock: a file with the id of its process. Ignores the file of a process that has ended.
 * @returns a function that releases the lock, or the id of the process that has it
 */
export function tryLock(file: string): (() => void) | number {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(readFileSync(file, 'utf8'));
    if (owner && isAlive(owner)) return owner;
    rmSync(file, { force: true });
  }
}

/**
 * Lets one system at a time use a data folder.
 * @returns a function that releases the lock
 * @throws Error with the process that has the lock
 */
export function lock(file: string, address: string): () => void {
  const taken = tryLock(file);
  if (typeof taken === 'function') return taken;
  throw new Error(
    `rideflow already runs here, as process ${taken}. Open ${address}, or stop it with Ctrl-C in its terminal.\n` +
      'To run a second rideflow: npm start -- --port-offset 100 --data .rideflow/second',
  );
}
