/** One life of the student's service, seen from the process that checks it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { compileCache } from '../../../infra/run/machine.js';
import type { Ride } from '../kit.ts';

/** What a waiting process is told. */
export interface Order {
  /** The student's file: an absolute path. */
  file: string;
  brokers: string[];
  /** The topic that the service reads, if it is not one of rideflow. */
  topic?: string | undefined;
  database: string;
  journal: string;
  /** In the form of `CRASH_AT`. */
  crash?: string | undefined;
  /** What the process gets there. Default: SIGKILL. */
  signal?: NodeJS.Signals | undefined;
  hold?: boolean | undefined;
  /** The requests of customers, if they call the service. */
  requests?: Ride[] | undefined;
}

/**
 * What it says: that it has loaded everything; how many consumers it created, when `start()` has returned; that each request has
 * its answer.
 */
export type Word = { ready: true } | { consumers: number } | { served: true };

/** The last lines of its output that are shown. */
const kept = 12;

/** Becomes the command. A watcher kills it when the pipe 4 closes: a frozen or busy process would outlive this one. */
const guarded = '(read -r end <&4 || kill -9 $$) >/dev/null 2>&1 3<&- & exec "$@" 4<&-';

export class Life {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #lines: string[] = [];
  /** It has loaded everything but the student's file. */
  ready = false;
  /** Set when `start()` has returned: how many consumers it created. */
  consumers: number | null = null;
  /** Each request has its answer. */
  served = false;

  /** A process that has loaded everything and waits for its order. */
  constructor() {
    const child = join(import.meta.dirname, 'child.ts');
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', child];
    this.#process = spawn('/bin/sh', ['-c', guarded, 'sh', ...command], {
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: compileCache, FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    });
    this.#exit = once(this.#process, 'exit');
    const pipe = this.#process.stdio[4] as Writable;
    pipe.on('error', () => {});
    this.#process.once('exit', () => pipe.end('end\n')); // another process may get its id
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lines.push(...text.split('\n').filter(useful));
        this.#lines.splice(0, this.#lines.length - 10 * kept);
      });
    this.#process.on('message', (word: Word) => {
      if ('ready' in word) this.ready = true;
      else if ('served' in word) this.served = true;
      else this.consumers = word.consumers;
    });
  }

  begin(order: Order): void {
    this.#process.send(order, () => {});
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** How it ended; null while it runs. */
  get end(): string | null {
    const { signalCode, exitCode } = this.#process;
    return signalCode ?? (exitCode === null ? null : `exit status ${exitCode}`);
  }

  get output(): string {
    return [...new Set(this.#lines)].slice(-kept).join('\n'); // a handler is called again and throws again
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.running) this.#process.kill('SIGKILL');
    await this.#exit;
  }
}

/** Not empty, and not a line of a stack trace outside of the student's file. */
const useful = (line: string) =>
  /\S/.test(line) &&
  !/^\s+(at .*(node:|<anonymous>|node_modules|shared[\\/]src|labs[\\/]engine|services[\\/])|code: '|\}$)/.test(
    line,
  );
