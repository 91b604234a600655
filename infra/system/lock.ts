import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from '../broker/guard.ts';

/**
 * Lets one system at a time use a data folder. Ignores the file of a process that has ended.
 * @returns a function that releases the lock
 * @throws Error with the process that has the lock
 */
export function lock(file: string, address: string): () => void {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(readFileSync(file, 'utf8'));
    if (owner && isAlive(owner)) {
      throw new Error(
        `rideflow already runs here, as process ${owner}. Open ${address}, or stop it with Ctrl-C in its terminal.\n` +
          'To run a second rideflow: npm start -- --port-offset 100 --data .rideflow/second',
      );
    }
    rmSync(file, { force: true });
  }
}
