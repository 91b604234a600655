// Lets one command at a time install: two npms in one folder delete each other's files.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './machine.js';

const file = join(root, '.rideflow', 'install.pid');

/**
 * Takes the lock. Waits while another command holds it, and takes it over from one that has ended.
 * @returns a function that releases it; the end of the process releases it too
 */
export function takeTurn() {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!take()) {
    const owner = ownerOf();
    if (owner && isAlive(owner)) {
      if (!told)
        console.error(
          `another command installs the dependencies; waiting (for process ${owner}, which ${file} names)`,
        );
      told = true;
      pause();
    } else {
      rmSync(file, { force: true });
      const taken = take();
      pause(); // of several that take over at once, the last one has it
      if (taken && ownerOf() === process.pid) break;
    }
  }
  const release = () => {
    if (ownerOf() === process.pid) rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process id in the lock; 0 if there is none, or if the lock is older than the start of this machine. */
function ownerOf() {
  try {
    if (!statSync(file).size) pause(); // its owner is writing it
    return statSync(file).mtimeMs < Date.now() - uptime() * 1000 ? 0 : Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
