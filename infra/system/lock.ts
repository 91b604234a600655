import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from '../broker/guard.ts';

/**
 * Lets one system at a time use a data folder. The file of a process that is gone does not count.
 * @returns how to give the lock back
 * @throws Error that says which process has it
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
        `rideflow already runs here, as process ${owner}: see ${address}, or end it with Ctrl-C where it was started.\n` +
          'To run a second one beside it: npm start -- --port-offset 100 --data .rideflow/second',
      );
    }
    rmSync(file, { force: true });
  }
}
