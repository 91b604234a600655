import type { Scenario } from './scenario.ts';
import { createWorld, type World } from './world.ts';

export const brokerKills: Scenario = {
  name: 'broker',
  what: 'the one broker killed and started again, under load',
  async run(world, say) {
    const load = world.load(60);
    const rounds = world.share ? 2 : 10;
    const waits: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      await nextDecision(world);
      await world.broker.kill(0);
      await world.broker.restart(0);
      waits.push(await nextDecision(world));
      say(
        `round ${round}: deciding again ${(waits.at(-1) as number).toFixed(1)} s after the broker was back`,
      );
    }
    await load.stop();
    const sorted = waits.toSorted((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)] as number;
    return {
      rounds,
      note: `deciding again after ${middle.toFixed(1)} s, at worst ${(sorted.at(-1) as number).toFixed(1)} s`,
    };
  },
};

export const brokerOfThree: Scenario = {
  name: 'cluster',
  what: 'one of three brokers killed, under load',
  world: (share) => createWorld(share, undefined, { nodes: 3 }),
  async run(world, say) {
    const load = world.load(40);
    const victims = world.share ? [0] : [0, 1, 2];
    const pauses: number[] = [];
    for (const victim of victims) {
      await nextDecision(world);
      const longest = watchPauses(world);
      await world.broker.kill(victim);
      for (const goal = load.accepted + 400; load.accepted < goal; ) await nextDecision(world);
      pauses.push(longest());
      say(
        `broker ${victim + 1} killed: the longest pause between two decisions was ${(pauses.at(-1) as number).toFixed(1)} s`,
      );
      await world.broker.restart(victim);
      await nextDecision(world);
    }
    await load.stop();
    return { rounds: victims.length, note: `longest pause ${Math.max(...pauses).toFixed(1)} s` };
  },
};

/** Resolves at the next decision that a reader sees, with the seconds that it took. @throws Error after 120 s */
function nextDecision({ log }: World): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing was decided for 120 s')), 120_000);
    log.onEntry = ({ topic }) => {
      if (topic !== 'ride_confirmed') return;
      clearTimeout(timer);
      resolve((performance.now() - start) / 1000);
    };
  });
}

/** The longest time without a decision, in seconds, from now until it is asked for. */
function watchPauses({ log }: World): () => number {
  let seen = log.on('ride_confirmed').length;
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, (now - last) / 1000);
    const count = log.on('ride_confirmed').length;
    if (count > seen) last = now;
    seen = count;
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    look();
    return longest;
  };
}
