/** The broker of the labs, kept warm between commands by a process in the background. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, isAlive } from '../../../infra/broker/guard.ts';
import { answers } from '../../../infra/broker/ports.ts';
import { tryLock } from '../../../infra/system/lock.ts';

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
  if (before && (await brokerAnswers(before))) return before;
  mkdirSync(folder, { recursive: true });
  if (before) rmSync(keptFile, { force: true }); // ends a keeper that has lost its broker
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

const brokerAnswers = ({ brokers: [first] }: Kept) => {
  const { hostname, port } = new URL(`kafka://${first}`);
  return answers(hostname, Number(port));
};

/** Another command is starting it, or it is ending. */
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
  if (!kept() && !starting()) return false;
  do
    rmSync(keptFile, { force: true }); // which ends it, also if it has just started
  while (starting() && (await sleep(50, true)));
  return true;
}

/**
 * One check at a time uses the broker and its consumer groups.
 * @param onWait called once if another one runs, with its process
 * @returns a function that lets the next one begin
 */
export async function takeTurn(onWait: (owner: number) => void): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  for (let told = false; ; await sleep(100)) {
    const turn = tryLock(join(folder, 'check.pid'));
    if (typeof turn === 'function') return turn;
    if (!told) onWait(turn);
    told = true;
  }
}
