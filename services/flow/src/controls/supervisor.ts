/**
 * The one that started this process, asked over the channel that Node opens between them (IPC): `npm start` can start and
 * end the processes of the system. Under compose, or started by hand, there is nobody to ask.
 */
import { Problem } from '@rideflow/shared/http/problem.ts';

/** One running process. */
export interface Instance {
  /** `transaction-2`. */
  name: string;
  service: string;
  /** Of its operations port. */
  url: string;
}

export type Wish =
  | { what: 'hello' }
  /** One more of a service, or one again that was ended. */
  | { what: 'start'; service: string }
  | { what: 'end'; instance: string; how: 'stop' | 'kill' }
  /** SIGSTOP: it keeps its connections, and does nothing until all that are frozen go on. */
  | { what: 'freeze'; instance: string }
  | { what: 'thaw' }
  /** All brokers killed, or started again. */
  | { what: 'broker'; up: boolean }
  /** The processes of a service, started again with it. */
  | { what: 'guarantee'; service: string; guarantee: string }
  /** Everything forgotten and started again, this process with it: answered before that. */
  | { what: 'reset' };

/** From flow to its supervisor. */
export interface Asked {
  control: 'wish';
  id: number;
  wish: Wish;
}
/** From the supervisor to flow; `refused` is a sentence with the HTTP status that fits. */
export type Told =
  | { control: 'answer'; id: number; refused?: { status: number; detail: string } }
  | { control: 'instances'; instances: Instance[]; broker: boolean };

export interface Supervisor {
  /** Whether there is one: known shortly after the start. */
  present(): boolean;
  /** What runs now; empty without a supervisor. */
  instances(): Instance[];
  /** Whether it can stop and start Kafka. */
  broker(): boolean;
  /** Called with all instances, now where they are known and whenever one more runs or one fewer. */
  onInstances(listener: (instances: Instance[]) => void): void;
  /** @throws Problem why it was not done */
  ask(wish: Wish): Promise<void>;
}

/** The part of `process` that is used. */
export interface Channel {
  send?(message: unknown): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A start that takes longer than this has failed, in milliseconds. */
const patience = 90_000;

/** @param channel `process`, or what stands for it in a test */
export function createSupervisor(channel: Channel): Supervisor {
  let known: Instance[] | null = null;
  let broker = false;
  let last = 0;
  const listeners: ((instances: Instance[]) => void)[] = [];
  const waiting = new Map<number, (told: Told & { control: 'answer' }) => void>();

  channel.on('message', (message) => {
    const told = message as Told | undefined;
    if (told?.control === 'answer') waiting.get(told.id)?.(told);
    if (told?.control !== 'instances') return;
    known = told.instances;
    broker = told.broker;
    for (const listener of listeners) listener(told.instances);
  });

  const ask = (wish: Wish) =>
    new Promise<void>((resolve, reject) => {
      const id = ++last;
      const settle = (refused?: { status: number; detail: string }) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (refused) reject(new Problem(refused.status, refused.detail));
        else resolve();
      };
      const late = `\`npm start\` has not done this within ${patience / 1000} s; its terminal says why.`;
      const timer = setTimeout(() => settle({ status: 504, detail: late }), patience);
      timer.unref();
      waiting.set(id, ({ refused }) => settle(refused));
      channel.send?.({ control: 'wish', id, wish } satisfies Asked);
    });
  // Whoever else opened the channel, such as a test, does not answer.
  if (channel.send) ask({ what: 'hello' }).catch(() => {});

  return {
    present: () => known !== null,
    instances: () => known ?? [],
    broker: () => broker,
    onInstances(listener) {
      listeners.push(listener);
      if (known) listener(known);
    },
    ask(wish) {
      if (known) return ask(wish);
      const detail = 'Nobody here can start or end processes: this works under `npm start` alone.';
      return Promise.reject(new Problem(409, detail));
    },
  };
}
