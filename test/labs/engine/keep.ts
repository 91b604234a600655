/** The broker of the labs, kept warm between commands by a process in the background. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, isAlive } from '../../../infra/broker/guard.ts';

/** What the process in the background keeps. */
export interface Kept {
  version: 1;
  pid: number;
  brokers: string[];
  /** How the broker runs. */
  how: string;
  /** The address of the flow page. */
  flow: string;
}

export const folder = join(import.meta.dirname, '../../../.rideflow/labs');
export const keptFile = join(folder, 'kept.json');
export const keeperFile = join(folder, 'keeper.pid');
const log = join(folder, 'keeper.out');

/** What is kept now; null if nothing is. Reading it counts as a use. */
export function kept(): Kept | null {
  if (!existsSync(keptFile)) return null;
  try {
    const found: Kept = JSON.parse(readFileSync(keptFile, 'utf8'));
    if (!isAlive(found.pid)) return null;
    utimesSync(keptFile, new Date(), new Date());
    return found;
  } catch {
    return null; // it is being written
  }
}

/**
 * The kept broker; starts it if there is none.
 * @param onProgress called with each new line that says what is being done
 * @throws Error with the last lines of the process, if it ends
 */
export async function keep(onProgress: (line: string) => void): Promise<Kept> {
  const before = kept();
  if (before) return before;
  mkdirSync(folder, { recursive: true });
  let child = starting() ? null : start();
  let lines = 0;
  for (;;) {
    const said = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    for (const line of said.slice(lines)) onProgress(line);
    lines = said.length;
    const now = kept();
    if (now) return now;
    if (child && hasEnded(child)) {
      if (!starting()) throw new Error(`The broker of the labs cannot start.\n${said.slice(-8).join('\n')}`);
      child = null; // another command was faster
    } else if (!child && !starting()) child = start(); // the one before has just stopped
    await sleep(50);
  }
}

/** Another command is starting it. */
const starting = () =>
  existsSync(keeperFile) && isAlive(Number(readFileSync(keeperFile, 'utf8')) || Number.NaN);

function start() {
  rmSync(keptFile, { force: true });
  const out = openSync(log, 'w');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'keeper.ts')], {
    detached: true,
    stdio: ['ignore', out, out],
  });
  child.unref();
  return child;
}

/** Stops it. @returns false if nothing was kept */
export async function release(): Promise<boolean> {
  const found = kept();
  if (!found) return false;
  process.kill(found.pid, 'SIGTERM');
  while (isAlive(found.pid)) await sleep(50);
  return true;
}
