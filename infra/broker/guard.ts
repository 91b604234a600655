import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Starts a process that cannot outlive this one. The shell leaves a watcher behind and becomes the command, so that
 * `child.pid` is the command itself. The watcher reads from a pipe that only this process holds open: the system closes
 * it when this process ends in whatever way, and the watcher then kills the command.
 *
 * The command has a session of its own: Ctrl-C in the terminal does not reach it, so services can still finish their
 * work with the broker before the caller stops it.
 * @param out where the command's output goes: a file descriptor.
 */
export function spawnGuarded(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; out: number },
): ChildProcess {
  const script = '(read -r end <&3 || kill -9 $$) & exec "$@" 3<&-';
  const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', options.out, options.out, 'pipe'],
  });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => {});
  // The watcher is told to go when the command has ended by itself: its process id may belong to another one soon.
  child.once('exit', () => pipe.end('end\n'));
  return child;
}

export const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Asks the process to end, kills it after `patienceMs` (0: without asking), and resolves when it has ended. */
export async function endProcess(child: ChildProcess, patienceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(patienceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** True when a process with that id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
