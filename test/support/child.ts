/** A service as a separate process, controlled by IPC. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';

export interface Child {
  process: ChildProcess;
  /** Its log, one object for each line of its standard output. */
  lines: Record<string, unknown>[];
  /** What it wrote to its standard error. */
  complaints: () => string;
  /** What it sent to its parent. */
  messages: unknown[];
  /** Resolves with the first log message with this text. */
  logged(msg: string): Promise<Record<string, unknown>>;
  /** Resolves when it has sent such a message. */
  sent(message: object): Promise<void>;
  /** How it ended: a code or the name of a signal. Its output is then complete. */
  ended: Promise<number | NodeJS.Signals | null>;
  kill(): Promise<void>;
}

export function startChild(file: string, env: NodeJS.ProcessEnv = {}, args: string[] = []): Child {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = fork(file, args, {
    execArgv: [],
    env: { PATH, NODE_COMPILE_CACHE, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: Record<string, unknown>[] = [];
  const messages: unknown[] = [];
  let complaints = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter(Boolean).map((line) => JSON.parse(line)));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.on('message', (message) => void messages.push(message));
  // Not the event `close`: it is left out after a disconnect.
  const ended = Promise.all([
    once(child, 'exit'),
    ...[child.stdout, child.stderr].map((stream) => stream && once(stream, 'end')),
  ]).then(([[code, signal]]) => code ?? signal);
  const found = <T>(find: () => T | undefined) =>
    eventually(() => {
      const result = find();
      if (result === undefined)
        throw new Error(
          `not yet: ${JSON.stringify(lines.slice(-5))}\n${JSON.stringify(messages)}\n${complaints}`,
        );
      return result;
    });
  return {
    process: child,
    lines,
    messages,
    complaints: () => complaints,
    logged: (msg) => found(() => lines.find((line) => line.msg === msg)),
    sent: async (wanted) => {
      const entries = Object.entries(wanted);
      await found(() =>
        messages.find((message) =>
          entries.every(([name, value]) => (message as Record<string, unknown>)[name] === value),
        ),
      );
    },
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
