/** The resources of processes from /proc, so only on Linux. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';

let ticksPerSecond = 0;

/** Processor time of a process so far, user and system, in seconds. @throws Error when there is no such process */
export function processorTime(pid: number): number {
  ticksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK']).toString());
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond; // utime and stime, proc(5)
}

/** For each process, in percent of one core, over this many seconds. */
export async function processorShare(pids: number[], seconds: number): Promise<number[]> {
  const before = pids.map(processorTime);
  await sleep(seconds * 1000);
  return pids.map((pid, i) => ((processorTime(pid) - (before[i] as number)) / seconds) * 100);
}

/** Resolves when a process has read everything. */
export async function atRest(pid: number): Promise<void> {
  await eventually(async () => {
    const [share = 0] = await processorShare([pid], 1);
    if (share > 10) throw new Error('a process is still reading');
  }, 60_000);
}
