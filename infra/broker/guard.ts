import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Starts a process that cannot outlive this one. The shell starts a watcher and becomes the command, so `child.pid` is the
 * command itself. The watcher reads from a pipe that only this process holds open. The system closes the pipe when this
 * process ends, however it ends, and the watcher then kills the command.
 *
 * The command has its own session, so Ctrl-C in the terminal does not reach it. Services can finish their work with the broker
 * before the caller stops it.
 * @param out file descriptor for the command's output
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
  // The watcher ends when the command ends by itself, because another process may get its id.
  child.once('exit', () => pipe.end('end\n'));
  return child;
}

export const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Asks the process to end and kills it after `patienceMs` (0: kills it at once). Resolves when it has ended. */
export async function endProcess(child: ChildProcess, patienceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(patienceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** True when a process with that id runs, no matter who owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
