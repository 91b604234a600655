/**
 * Handles requests of the flow page to the process that started the system: start, end or change a process, or reset
 * everything.
 */
import { rm } from 'node:fs/promises';
import { mostProcesses } from '../../services/flow/src/controls/places.ts';
import type { Asked, Instance as Shown, Told, Wish } from '../../services/flow/src/controls/supervisor.ts';
import type { Broker } from '../broker/broker.ts';
import { freePorts } from '../broker/ports.ts';
import type { Child } from './child.ts';
import { forget } from './forget.ts';
import { type Instance, processNames, type ServiceName, type System, serviceNames } from './system.ts';

/** Time limit for a process to become ready, in milliseconds. */
const patience = 40_000;
/** Time for the answer to a reset to be read before everything ends, in milliseconds. */
const farewell = 500;

const alone: Partial<Record<ServiceName, string>> = {
  analytics:
    'analytics keeps its statistics in a file that only one process can write, so a second process is not possible.',
  rides:
    'A second rides process would get no requests, because every client uses the address of the first one.',
};

class Refused extends Error {}

export interface WishesOptions {
  system: System;
  brokers: string[];
  /** Kafka, if it was started here: it can be stopped and started. */
  broker?: Pick<Broker, 'brokers' | 'kill' | 'restart'> | undefined;
  /** Of analytics. */
  database: string;
  env: NodeJS.ProcessEnv;
  /** False if the Kafka cluster was not started here, because its topics are not ours to delete. */
  mayForget: boolean;
  /** Prints a line in the terminal. */
  tell: (line: string) => void;
}

export class Wishes {
  readonly #options: WishesOptions;
  readonly #system: System;
  /** One request at a time, in the order of arrival. */
  #last: Promise<unknown> = Promise.resolve();
  #brokerUp = true;
  /** From the request for a reset until every process runs again. */
  #resetting = false;

  constructor(options: WishesOptions) {
    this.#options = options;
    this.#system = options.system;
  }

  /** Tells flow which processes run. */
  tellInstances(): void {
    const running = this.#system.instances.filter(
      ({ service, child }) => isService(service) && child.running,
    );
    const instances = running.map(({ as, service, port }): Shown => {
      return { name: as, service, url: `http://localhost:${port}` };
    });
    this.#system.children.get('flow')?.send({
      control: 'instances',
      instances,
      broker: this.#options.broker !== undefined,
    } satisfies Told);
  }

  /** Handles an IPC message of a process. Ignores anything that is not a request. */
  take(child: Child, message: unknown): void {
    const asked = message as Partial<Asked> | null;
    if (asked?.control !== 'wish' || !asked.wish || asked.id === undefined) return;
    const { id, wish } = asked as Asked;
    const answer = (refused?: { status: number; detail: string }) =>
      child.send({ control: 'answer', id, ...(refused && { refused }) } satisfies Told);
    if (wish.what === 'hello') {
      this.tellInstances();
      answer();
      return;
    }
    if (wish.what === 'reset') {
      if (this.#resetting) {
        answer({ status: 409, detail: 'Everything is being reset already.' });
        return;
      }
      this.#resetting = true;
    }
    const granted = async () => {
      let afterwards: (() => Promise<void>) | undefined;
      try {
        afterwards = await this.#grant(wish);
        answer();
      } catch (error) {
        answer({ status: error instanceof Refused ? 409 : 503, detail: (error as Error).message });
      }
      await afterwards?.();
      if (wish.what === 'reset') this.#resetting = false;
    };
    // What is done to a running process does not wait for a start.
    if (wish.what === 'end' || wish.what === 'freeze' || wish.what === 'thaw') void granted();
    else this.#last = this.#last.then(granted);
  }

  /** @returns what to do after the answer is sent */
  async #grant(wish: Exclude<Wish, { what: 'hello' }>): Promise<(() => Promise<void>) | undefined> {
    const { tell } = this.#options;
    switch (wish.what) {
      case 'start':
        await this.#start(serviceOf(wish.service));
        return;
      case 'end':
        tell(`flow page: ${wish.how === 'kill' ? 'kill' : 'stop'} ${wish.instance}`);
        await this.#end(wish.instance, wish.how === 'kill' ? 'SIGKILL' : 'SIGTERM');
        return;
      case 'freeze':
        tell(`flow page: freeze ${wish.instance}`);
        this.#freeze(wish.instance);
        return;
      case 'thaw':
        for (const { child } of this.#system.instances) if (child.frozen) child.signal('SIGCONT');
        return;
      case 'broker':
        await this.#setBroker(wish.up);
        return;
      case 'guarantee':
        tell(`flow page: restart ${wish.service} with ${wish.guarantee}`);
        await this.#guarantee(serviceOf(wish.service), wish.guarantee);
        return;
      case 'reset':
        if (!this.#options.mayForget)
          throw new Refused(
            'rideflow did not start the cluster in KAFKA_BROKERS, so it does not delete its topics.',
          );
        return () => this.#reset();
    }
  }

  /** The first one that has ended, or else a new one. */
  async #start(service: ServiceName) {
    const all = this.#of(service);
    const ended = all.find(({ child }) => !child.running);
    if (!ended && alone[service]) throw new Refused(alone[service]);
    const most = mostProcesses[service];
    if (!ended && all.length >= most) throw new Refused(`${most} processes of one service are the maximum.`);
    const [port = 0] = ended ? [ended.port] : await freePorts(1);
    const as = ended?.as ?? nameFor(service, all);
    this.#system.run(service, { as, port });
    await this.#system.ready(service, patience, `http://localhost:${port}`, as);
  }

  async #end(as: string, signal: 'SIGTERM' | 'SIGKILL') {
    this.#running(as);
    await this.#system.end(as, signal);
  }

  #running(as: string): Instance {
    const instance = this.#system.instances.find((one) => one.as === as && isService(one.service));
    if (instance?.child.running) return instance;
    throw new Refused(`There is no running process ${as}.`);
  }

  #freeze(as: string) {
    if (process.platform === 'win32') throw new Refused('Windows cannot freeze a process.');
    this.#running(as).child.signal('SIGSTOP');
  }

  async #setBroker(up: boolean) {
    const { broker, tell } = this.#options;
    if (!broker) throw new Refused('Kafka was not started here, so it cannot be stopped here.');
    if (up === this.#brokerUp) return;
    tell(`flow page: ${up ? 'start Kafka' : 'kill Kafka'}`);
    this.#brokerUp = false; // also while it starts, and where that fails
    await Promise.all(broker.brokers.map((_, n) => (up ? broker.restart(n) : broker.kill(n))));
    this.#brokerUp = up;
  }

  async #guarantee(service: ServiceName, guarantee: string) {
    const running = this.#of(service).filter(({ child }) => child.running);
    this.#system.choose(service, { GUARANTEE: guarantee });
    await Promise.all(running.map(({ as }) => this.#system.end(as, 'SIGTERM')));
    for (const { as, port } of running) this.#system.run(service, { as, port });
    await Promise.all(
      running.map(({ as, port }) => this.#system.ready(service, patience, `http://localhost:${port}`, as)),
    );
  }

  async #reset() {
    const { brokers, database, env, tell } = this.#options;
    tell('flow page: delete all data and restart');
    await new Promise((resolve) => setTimeout(resolve, farewell));
    for (const service of serviceNames) this.#system.choose(service, {});
    await Promise.all(this.#system.instances.map(({ as }) => this.#system.end(as, 'SIGTERM', true)));
    if (!this.#brokerUp) await this.#setBroker(true).catch((error: Error) => tell(error.message));
    try {
      await forget(brokers, env);
      for (const end of ['', '-wal', '-shm']) await rm(database + end, { force: true });
    } catch (error) {
      tell(`some data could not be deleted: ${(error as Error).message}`);
    }
    await this.#system.start(processNames).catch((error: Error) => tell(error.message));
  }

  #of(service: ServiceName): Instance[] {
    return this.#system.instances.filter((one) => one.service === service);
  }
}

const isService = (name: string): name is ServiceName => serviceNames.some((one) => one === name);

function serviceOf(name: string): ServiceName {
  if (isService(name)) return name;
  throw new Refused(`There is no service ${name}.`);
}

function nameFor(service: ServiceName, others: Instance[]): string {
  for (let n = 2; ; n++) {
    const name = `${service}-${n}`;
    if (!others.some(({ as }) => as === name)) return name;
  }
}
