/** A program of the bench: a control, a load, a mail server. Ends with this process, however this process ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Program {
  pid: number;
  process: ChildProcess;
  /** Resolves with the first output line that contains this text. @throws Error when it ends first */
  printed(text: string): Promise<string>;
  stop(): Promise<void>;
}

const running = new Set<Program>();

/** Ends the programs that still run. */
export async function stopPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop()));
}

/** @param script below test/bench; null if the arguments of another command say what it runs */
export function startProgram(
  script: string | null,
  env: NodeJS.ProcessEnv = {},
  { command = process.execPath, args = [] as string[] } = {},
): Program {
  const name = script ?? command;
  const scripts = script === null ? [] : [join(import.meta.dirname, script)];
  const child = spawn(command, [...scripts, ...args], {
    env: { PATH: process.env.PATH, KAFKAJS_NO_PARTITIONER_WARNING: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  let stopping = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000);
    });
  const ended = once(child, 'exit').then(([code, signal]) => {
    process.off('exit', kill);
    running.delete(program);
    if (!stopping && code !== 0)
      console.error(`${name} ended with ${signal ?? code}:\n${output.slice(-2000)}`);
  });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const program: Program = {
    pid: child.pid as number,
    process: child,
    async printed(text) {
      for (;;) {
        const line = output.split('\n').find((candidate) => candidate.includes(text));
        if (line !== undefined) return line;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${name} ended without printing "${text}"`);
        await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
      }
    },
    async stop() {
      stopping = true;
      child.kill('SIGKILL');
      await ended;
    },
  };
  running.add(program);
  return program;
}
