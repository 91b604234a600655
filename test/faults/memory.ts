/** The resources of processes, from the operating system. */
import { readdir, readFile } from 'node:fs/promises';

/** Resident memory in MB. @throws Error when there is no such process, or no /proc */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? []; // a process that has just ended has none
  if (kb === undefined) throw new Error(`process ${pid} has ended`);
  return Number(kb) / 1024;
}

/** Whether a process is stopped (SIGSTOP). @throws Error when there is no such process, or no /proc */
export async function isStopped(pid: number): Promise<boolean> {
  return /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
}

/** Open file descriptors. @throws Error when there is no such process, or no /proc */
export async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Measures every 100 ms from now on. The returned function stops that and returns the maximum, in MB. */
export function watchMemory(pid: number): () => number {
  let most = 0;
  const timer = setInterval(async () => {
    most = Math.max(most, await residentMb(pid).catch(() => 0));
  }, 100);
  timer.unref(); // where nobody ends it, a test has failed
  return () => {
    clearInterval(timer);
    return most;
  };
}
