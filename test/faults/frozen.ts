import { setTimeout as sleep } from 'node:timers/promises';
import { inSync, longestPause, longestSince, nextDecision } from './decisions.ts';
import type { Scenario } from './scenario.ts';
import { createWorld, type World } from './world.ts';

/**
 * How long a broker is frozen, in milliseconds: longer than the timeouts of sessions (6 s), transactions (10 s) and requests
 * (5 s).
 */
const frozenFor = 20_000;
/** After a lone broker continues, rides must be decided again within this time, in seconds. */
const backWithin = 15;
/**
 * The longest wait for a 202 or a decision while one of three brokers is frozen, in seconds; less than until the broker
 * continues.
 */
const longestWait = 18;

export const frozenBroker: Scenario = {
  name: 'frozen',
  what: 'the one broker frozen for 20 s (SIGSTOP), under load',
  async run(world, say) {
    const load = world.load(60);
    const waits: number[] = [];
    for (let round = 1; round <= (world.share ? 1 : 3); round++) {
      await nextDecision(world);
      await freeze(world, 0);
      const wait = await nextDecision(world);
      waits.push(wait);
      say(`round ${round}: deciding again ${wait.toFixed(1)} s after it continued`);
      if (wait > backWithin * world.slack)
        throw new Error(`${wait.toFixed(1)} s; the limit is ${backWithin}`);
    }
    await load.stop();
    return {
      rounds: waits.length,
      note: `decisions resumed after ${Math.max(...waits).toFixed(1)} s at the latest`,
    };
  },
};

export const frozenOfThree: Scenario = {
  name: 'frozen-of-three',
  what: 'one of three brokers frozen for 20 s, under load',
  world: (settings) => createWorld(settings, undefined, { nodes: 3 }),
  async run(world, say) {
    const load = world.load(40);
    const waits: number[] = [];
    for (const victim of world.share ? [0] : [0, 1, 2]) {
      await inSync(world);
      await nextDecision(world);
      const before = Date.now();
      await freeze(world, victim);
      const pause = longestPause(before, world);
      const wait = await longestSince(before, world);
      waits.push(pause, wait);
      say(
        `broker ${victim + 1} frozen: rides accepted again after ${pause.toFixed(1)} s, decided after at most ${wait.toFixed(1)} s`,
      );
      const longest = Math.max(pause, wait);
      if (longest > longestWait * world.slack)
        throw new Error(`a ride waited ${longest.toFixed(1)} s; the limit is ${longestWait}`);
    }
    await load.stop();
    return {
      rounds: waits.length / 2,
      note: `no ride waited longer than ${Math.max(...waits).toFixed(1)} s`,
    };
  },
};

async function freeze({ broker }: World, index: number): Promise<void> {
  await broker.freeze(index);
  await sleep(frozenFor); // the duration of the fault, not a wait for an event
  await broker.thaw(index);
}
