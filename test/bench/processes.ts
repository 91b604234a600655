/** What processes take of this machine, from /proc: so on Linux only. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Per process, in percent of one core, over so many seconds. */
export async function processorShare(pids: number[], seconds: number): Promise<number[]> {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString());
  const before = await Promise.all(pids.map(ticks));
  await sleep(seconds * 1000);
  const after = await Promise.all(pids.map(ticks));
  return after.map((end, i) => ((end - (before[i] as number)) / ticksPerSecond / seconds) * 100);
}

async function ticks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]); // utime and stime, proc(5)
}

/** Megabytes per process. */
export function residentMemory(pids: number[]): Promise<number[]> {
  return Promise.all(
    pids.map(
      async (pid) => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    ),
  );
}
