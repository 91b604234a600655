/** What is asked of the processes of a service: pace, steps, crash points, other processes, another guarantee. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { type ServiceName, topology } from '@rideflow/shared/topology.ts';
import { askAdmin, type Order } from './ask.ts';
import { controlled } from './places.ts';
import type { Supervisor } from './supervisor.ts';

/** How long a process that has been started may take until it is known here, in milliseconds. */
const patience = 5000;

export interface RunningProcess {
  /** `Process.id` of the protocol. */
  id: string;
  name: string;
  /** Of its operations port. */
  url: string;
}

export interface ProcessDeps {
  /** The live processes of a service whose operations port is known. */
  processes(service: ServiceName): RunningProcess[];
  supervisor: Supervisor;
  /** Called when a whole service is given a delay for each message, in milliseconds. */
  onDelay?(service: ServiceName, delay: number): void;
  /** Called before this process is killed: its end is no surprise. */
  onKill(id: string): void;
  /** Called when this process is frozen. */
  onFreeze(id: string): void;
  /** Called when all that were frozen go on. */
  onThaw(): void;
  /** Called with true before Kafka is killed, and with false where that is refused, and when Kafka runs again. */
  onBrokerEnd(asked: boolean): void;
  /** Called when everything is about to start again. */
  onReset(): void;
}

export function createProcesses({
  processes,
  supervisor,
  onKill,
  onFreeze,
  onThaw,
}: Omit<ProcessDeps, 'onBrokerEnd' | 'onReset'>) {
  /** One that has just been started again is waited for. */
  async function running(service: ServiceName): Promise<RunningProcess[]> {
    for (const end = Date.now() + patience; ; await sleep(50)) {
      const all = processes(service);
      if (all.length > 0) return all;
      const comes = supervisor.instances().some((one) => one.service === service);
      if (!comes || Date.now() > end)
        throw new Problem(409, `No process of ${service} is known that could be asked.`);
    }
  }

  const order = async (process: RunningProcess, order: Order) => {
    try {
      return await askAdmin(process, order);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
      throw new Problem(
        409,
        `${process.name} takes no orders: it was not started with ADMIN=on, as \`npm start\` does.`,
      );
    }
  };

  function byId(id: string): RunningProcess {
    for (const service of controlled) {
      const found = processes(service).find((process) => process.id === id);
      if (found) return found;
    }
    throw new Problem(404, `There is no process ${JSON.stringify(id.slice(0, 100))} that runs now.`);
  }

  /** Its name at the supervisor. */
  function instanceOf(id: string): string {
    const { url, name } = byId(id);
    const instance = supervisor.instances().find((one) => portOf(one.url) === portOf(url));
    if (!instance && supervisor.present())
      throw new Problem(
        409,
        `${name} was not started by \`npm start\`: end or freeze it where it was started.`,
      );
    return instance?.name ?? name;
  }

  return {
    /** To all processes of a service. @throws Problem what the first one that refused said */
    async toAll(service: ServiceName, what: Order): Promise<void> {
      const all = await running(service);
      const answers = await Promise.allSettled(all.map((process) => order(process, what)));
      const refused = answers.find((answer) => answer.status === 'rejected');
      if (refused) throw refused.reason;
    },
    /** To the process with this id, else to all of the service. */
    to(service: ServiceName, what: Order, id?: string): Promise<void> {
      return id === undefined ? this.toAll(service, what) : this.toOne(service, what, id);
    },
    /** To one process: the one with this id, else the first of the service. */
    async toOne(service: ServiceName, what: Order, id?: string): Promise<void> {
      await order(id === undefined ? ((await running(service))[0] as RunningProcess) : byId(id), what);
    },
    /** Ends one, so that it stays ended until it is started again here. */
    async end(id: string, how: 'stop' | 'kill'): Promise<void> {
      const instance = instanceOf(id);
      if (how === 'kill') onKill(id);
      await supervisor.ask({ what: 'end', instance, how });
    },
    async freeze(id: string): Promise<void> {
      await supervisor.ask({ what: 'freeze', instance: instanceOf(id) });
      onFreeze(id);
    },
    /** All that are frozen go on. */
    async thaw(): Promise<void> {
      await supervisor.ask({ what: 'thaw' });
      onThaw();
    },
    start: (service: ServiceName) => supervisor.ask({ what: 'start', service }),
    async guarantee(service: ServiceName, guarantee: string): Promise<void> {
      const { possible } = topology[service];
      if (!(possible as readonly string[]).includes(guarantee)) {
        const detail = `must be one of ${possible.join(', ')}`;
        throw new Problem(400, `The guarantee of ${service} ${detail}.`, {
          errors: [{ pointer: '/guarantee', detail }],
        });
      }
      await supervisor.ask({ what: 'guarantee', service, guarantee });
    },
  };
}

/** All of them are on this machine, whatever their addresses call it. */
const portOf = (url: string) => new URL(url).port;
