/** The faults of a soak: each breaks one thing at random, and resolves when it works again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../infra/book/random.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { type ServiceName, serviceNames } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import { crash, places } from './crashes.ts';
import { strangeMessages } from './foreign.ts';
import { behave, misbehave } from './mail-server.ts';
import { endTransaction, produce, type Treatment } from './proxy.ts';
import type { World } from './world.ts';

/** Creates a random fault. The same seed creates the same faults in the same order. */
export interface Fault {
  what: string;
  happen(world: World): Promise<void>;
}

type Random = () => number;
type Family = (random: Random) => Fault;

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
/** In milliseconds. */
const between = (random: Random, least: number, most: number) =>
  Math.round(least + random() * (most - least));

/** What the proxy currently does with the answers of the broker. */
export const answers: { treatment: Treatment } = { treatment: () => 0 };

async function treatedFor(ms: number, treatment: Treatment): Promise<void> {
  answers.treatment = treatment;
  await sleep(ms);
  answers.treatment = () => 0;
}

/** Faults of our processes, one at a time, so each works again before the next one. */
const ofServices: Family[] = [
  (random) => {
    const name = pick<ServiceName>(random, serviceNames);
    return { what: `${name}: kill -9`, happen: (world) => again(world, name, 'SIGKILL') };
  },
  (random) => {
    const name = pick<ServiceName>(random, serviceNames);
    return { what: `${name}: SIGTERM`, happen: (world) => again(world, name, 'SIGTERM') };
  },
  (random) => {
    const { name, points } = pick(random, places);
    const place = `${pick(random, points)}:${between(random, 1, 10)}`;
    return { what: `${name}: crash point`, happen: (world) => crash(world, name, place) };
  },
  (random) => {
    const name = pick<ServiceName>(random, serviceNames);
    const ms = between(random, 2000, 15_000);
    return {
      what: `${name}: frozen`,
      async happen({ system }) {
        const child = system.children.get(name);
        child?.signal('SIGSTOP');
        await sleep(ms);
        child?.signal('SIGCONT');
        await system.ready(name, 120_000);
      },
    };
  },
  (random) => {
    const name = pick(random, ['transaction', 'email'] as const);
    const ms = between(random, 2000, 8000);
    const signal = pick(random, ['SIGTERM', 'SIGKILL'] as const);
    return {
      what: `${name}: a second process for a while`,
      async happen({ system }) {
        const [port = 0] = await freePorts(1);
        const as = `${name}-2`;
        system.run(name, { as, port });
        await system.ready(name, 120_000, `http://localhost:${port}`, as);
        await sleep(ms);
        await system.end(as, signal, true);
      },
    };
  },
];

/** Faults of Kafka and the other systems around the services. */
const ofTheRest: Family[] = [
  (random) => {
    const ms = between(random, 0, 10_000);
    return {
      what: 'broker: killed',
      async happen({ broker }) {
        await broker.kill(0);
        await sleep(ms);
        await broker.restart(0);
      },
    };
  },
  (random) => {
    const ms = between(random, 2000, 20_000);
    return {
      what: 'broker: frozen',
      async happen({ broker }) {
        await broker.freeze(0);
        await sleep(ms);
        await broker.thaw(0);
      },
    };
  },
  (random) => {
    const ms = between(random, 5000, 15_000);
    const chance = seededRandom(String(random()));
    const lossy: Treatment = (api) =>
      [produce, endTransaction].includes(api) && chance() < 0.05 ? 'lose' : 0;
    return { what: 'network: answers lost', happen: () => treatedFor(ms, lossy) };
  },
  (random) => {
    const ms = between(random, 5000, 15_000);
    const delay = between(random, 50, 500);
    return { what: 'network: slow', happen: () => treatedFor(ms, () => delay) };
  },
  (random) => {
    const ms = between(random, 5000, 15_000);
    const chance = seededRandom(String(random()));
    return {
      what: 'mail server: rejects, hangs, disconnects',
      async happen({ mailbox }) {
        misbehave(mailbox, chance);
        await sleep(ms);
        behave(mailbox);
      },
    };
  },
  (random) => {
    const first = between(random, 0, 1_000_000);
    return {
      what: 'topics: unreadable and foreign messages',
      async happen(world) {
        for (let i = 0; i < 5; i++) await strangeMessages(world, first + i);
      },
    };
  },
  (random) => {
    const ms = between(random, 2000, 5000);
    return {
      what: 'customers: ten times as many',
      async happen(world) {
        const crowd = world.load(300);
        await sleep(ms);
        await crowd.stop();
      },
    };
  },
];

/** Both kinds happen in parallel, so a service gets faults of Kafka while it starts, stops or is frozen. */
export const kindsOfFault = [ofServices, ofTheRest];

/** The next fault of a kind. All families are equally likely. */
export const nextFault = (kind: Family[], random: Random): Fault => pick(random, kind)(random);

/** Like `World.restart`, with any exit status, because Kafka may be unavailable. */
async function again({ system }: World, name: ServiceName, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await system.end(name, signal);
  system.run(name);
  await eventually(() => system.ready(name), 120_000);
}
