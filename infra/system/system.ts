/** The system as processes on this machine: mailbox, four services, flow. A process that ends unexpectedly is restarted. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.ts';
import { environmentOf, type SystemSettings, urlOf } from './environment.ts';
import { type ProcessName, serviceNames } from './names.ts';

export * from './names.ts';

export interface SystemOptions extends SystemSettings {
  onLine: (name: string, line: string) => void;
  /** Called when a process is ready, has ended unexpectedly, or is restarted. */
  onEvent: (event: { name: string; what: 'ready' | 'ended' | 'again'; detail: string }) => void;
  /** Called when a process starts or ends. */
  onChange?: () => void;
  /** Folder of the code to run, if it is another release. */
  code?: string;
  /** Called for each IPC message of a process, except that it is ready. */
  onMessage?: (child: Child, message: unknown) => void;
}

/** A process of the system, running or not. */
export interface Instance {
  /** `transaction-2` */
  as: string;
  service: ProcessName;
  port: number;
  /** Running, or ended. */
  child: Child;
}

/** A process that ends this often before it is ready counts as failed. */
const tries = 3;
/** Waits between an unexpected end and the restart, in milliseconds. */
const firstWait = 500;
const longestWait = 10_000;

export class System {
  readonly #options: SystemOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #ends = new Map<string, number>();
  readonly #lastLines = new Map<string, string>();
  readonly #chosen = new Map<ProcessName, NodeJS.ProcessEnv>();
  #stopping = false;

  constructor(options: SystemOptions) {
    this.#options = options;
  }

  /** The address of a process's HTTP port. */
  url(name: ProcessName): string {
    return urlOf(name, this.#options.ports);
  }

  get children(): ReadonlyMap<string, Child> {
    return new Map([...this.#instances].map(([as, { child }]) => [as, child]));
  }

  /** Sorted by their first start. */
  get instances(): Instance[] {
    return [...this.#instances.values()];
  }

  /** Starts the processes in parallel. Resolves when each of them is ready. */
  async start(names: readonly ProcessName[] = ['mailbox', ...serviceNames]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        this.run(name);
        await this.ready(name);
        this.#options.onEvent({ name, what: 'ready', detail: this.url(name) });
      }),
    );
  }

  /**
   * Starts one process.
   * @param instance another instance of a service, with its own name and port, and optionally the code of another release
   * @param once variables for this start only; such a process is not restarted when it ends
   */
  run(
    name: ProcessName,
    instance: { as: string; port: number; code?: string } = {
      as: name,
      port: this.#options.ports[name] ?? 0,
    },
    once?: NodeJS.ProcessEnv,
  ): Child {
    const { onLine, onEvent, onChange, onMessage, code = '' } = this.#options;
    const started = Date.now();
    const child = new Child({
      name: instance.as,
      script:
        name === 'mailbox' ? 'infra/mailbox.ts' : join(instance.code ?? code, `services/${name}/src/main.ts`),
      env: {
        ...environmentOf(name, this.#options),
        ...this.#chosen.get(name),
        PORT: String(instance.port),
        ...once,
      },
      onLine: (line) => {
        this.#lastLines.set(instance.as, line);
        onLine(instance.as, line);
      },
      onEnd: (how) => {
        onChange?.();
        if (Date.now() - started > longestWait) this.#ends.delete(instance.as); // it has run well until now
        if (this.#stopping || once) return;
        onEvent({ name: instance.as, what: 'ended', detail: how });
        void this.#again(name, instance, child);
      },
      onMessage: (message) => onMessage?.(child, message),
    });
    this.#instances.set(instance.as, { ...instance, service: name, child });
    onChange?.();
    return child;
  }

  /**
   * Ends a process, which stays ended until it is run again. Kills it if it does not stop within 6 s.
   * @param forget also removes it from the list of instances
   */
  async end(as: string, signal: 'SIGTERM' | 'SIGKILL', forget = false): Promise<void> {
    const child = this.#instances.get(as)?.child;
    if (!child) return;
    await stopOrKill(child, signal);
    if (this.#instances.get(as)?.child === child && forget) this.#instances.delete(as);
    this.#options.onChange?.();
  }

  /** Sets variables for all later starts of a service. Replaces the ones that were set before. */
  choose(name: ProcessName, env: NodeJS.ProcessEnv): void {
    this.#chosen.set(name, env);
  }

  /**
   * Resolves when a process reports that it is ready.
   * @param instance which instance, if there can be several
   * @throws Error when it takes longer than the patience, in milliseconds, or when this instance was ended
   */
  async ready(name: ProcessName, patience = 60_000, url = this.url(name), instance?: string): Promise<void> {
    const as = instance ?? name;
    const path = name === 'mailbox' ? '/healthz' : '/readyz';
    const start = Date.now();
    for (let waiting = 'it does not respond'; ; ) {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(2000) }).catch((error) => {
        waiting = error.cause?.message ?? error.message;
      });
      if (response?.ok) return void this.#ends.delete(as);
      if (response) waiting = await response.text();
      if ((this.#ends.get(as) ?? 0) >= tries)
        throw new Error(`${as} does not start: ${messageOf(this.#lastLines.get(as))}`);
      const child = instance === undefined ? undefined : this.#instances.get(instance)?.child;
      if (child?.unwanted && !child.running) throw new Error(`${as} was ended before it was ready`);
      if (Date.now() - start > patience)
        throw new Error(`${as} is not ready after ${patience / 1000} s: ${waiting}`);
      await sleep(50);
    }
  }

  /** Stops everything, the readers before the processes that they depend on. Kills what does not stop within 6 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const all = this.instances.map(({ child }) => child);
    const mailbox = this.#instances.get('mailbox')?.child;
    await Promise.all(all.filter((child) => child !== mailbox).map((child) => stopOrKill(child)));
    if (mailbox) await stopOrKill(mailbox);
  }

  async #again(name: ProcessName, instance: { as: string; port: number; code?: string }, ended: Child) {
    const ends = this.#ends.get(instance.as) ?? 0;
    this.#ends.set(instance.as, ends + 1);
    await sleep(Math.min(firstWait * 2 ** ends, longestWait));
    // It may have been restarted or ended meanwhile.
    const wanted = this.#instances.get(instance.as)?.child === ended && !ended.unwanted;
    if (this.#stopping || !wanted) return;
    this.#options.onEvent({ name: instance.as, what: 'again', detail: '' });
    this.run(name, instance);
  }
}

async function stopOrKill(child: Child, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  const killer = setTimeout(() => child.signal('SIGKILL'), 6000);
  await child.stop(signal);
  clearTimeout(killer);
}

/** The message of a log line. */
function messageOf(line = 'it has no output'): string {
  try {
    return (JSON.parse(line) as { msg: string }).msg;
  } catch {
    return line;
  }
}
