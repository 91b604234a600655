/** A process of the system, seen from the one that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  name: string;
  /** The TypeScript file, its path absolute or below the project's folder. */
  script: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  /** Each line that it prints. */
  onLine: (line: string) => void;
  /** It ended, and nobody asked it to. */
  onEnd: (how: string) => void;
  /** It says something over the channel between the two (IPC). */
  onMessage?: (message: unknown) => void;
}

const project = join(import.meta.dirname, '../..');

export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #expected = false;

  /** The IPC channel is how it learns of the end of this process, however that ends. */
  constructor({ name, script, args = [], env, onLine, onEnd, onMessage }: ChildOptions) {
    this.name = name;
    const child = spawn(process.execPath, [resolve(project, script), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process = child;
    this.#ended = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', onLine);
    }
    if (onMessage) child.on('message', onMessage);
    child.on('exit', (code, signal) => {
      if (!this.#expected) onEnd(signal ? `killed by ${signal}` : `exit status ${code}`);
    });
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Whether somebody has asked it to end. */
  get unwanted(): boolean {
    return this.#expected;
  }

  /** Resolves with the value that the process sends as `{ ready, port }`; rejects when it ends before. */
  ready(): Promise<{ port: number }> {
    return new Promise((resolve, reject) => {
      this.#process.on('message', (message: { ready?: string; port: number }) => {
        if (message.ready) resolve({ port: message.port });
      });
      this.#process.on('exit', () => reject(new Error(`${this.name} ended before it was ready`)));
    });
  }

  /** Says something to it over the channel between the two; nothing happens where it is gone. */
  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** Ends it with a signal, and resolves when it is gone with its exit status, or null where the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#expected = true;
    if (this.running) this.#process.kill(signal);
    await this.#ended;
    return this.#process.exitCode;
  }

  /** Sends a signal that is not meant to end it, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
