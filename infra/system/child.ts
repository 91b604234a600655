/** A process of the system, seen from the process that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  name: string;
  /** The TypeScript file: an absolute path, or a path relative to the project. */
  script: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  /** Called for each line that it prints. */
  onLine: (line: string) => void;
  /** Called when it ends without a request. */
  onEnd: (how: string) => void;
  /** Called for each IPC message from it. */
  onMessage?: (message: unknown) => void;
}

const project = join(import.meta.dirname, '../..');

export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #expected = false;
  #frozen = false;

  /** The IPC channel tells it when this process ends, however it ends. */
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

  /** Whether it was told to stand still, and is still there. */
  get frozen(): boolean {
    return this.#frozen && this.running;
  }

  /** Whether it was asked to end. */
  get unwanted(): boolean {
    return this.#expected;
  }

  /** Resolves with the value that the process sends as `{ ready, port }`; rejects when it ends before that. */
  ready(): Promise<{ port: number }> {
    return new Promise((resolve, reject) => {
      this.#process.on('message', (message: { ready?: string; port: number }) => {
        if (message.ready) resolve({ port: message.port });
      });
      this.#process.on('exit', () => reject(new Error(`${this.name} ended before it was ready`)));
    });
  }

  /** Sends it an IPC message. Does nothing if it has ended. */
  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** Ends it with a signal. Resolves when it has ended, with its exit status, or null if the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#expected = true;
    if (this.running) this.#process.kill(signal);
    if (this.#frozen) this.signal('SIGCONT'); // a frozen process does not get the signal to end
    await this.#ended;
    return this.#process.exitCode;
  }

  /** Sends a signal that does not end it, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#frozen = signal === 'SIGSTOP' || (this.#frozen && signal !== 'SIGCONT');
    this.#process.kill(signal);
  }
}
