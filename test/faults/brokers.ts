import { startBroker } from '../../infra/broker/broker.ts';
import { PINNED_VERSION } from '../../infra/broker/version.ts';
import { inSync, longestSince, nextDecision } from './decisions.ts';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

/** After a lone broker is back, rides must be decided again within this time, in seconds. Usually it takes 0.5 to 0.8. */
const backWithin = 3;
/**
 * The longest wait for a decision when one of three brokers dies, in seconds. Usually it takes 3 to 6: a dead controller is
 * detected after 2 s, its successor detects after 2 more that the broker is dead too, and clients find the new leaders within
 * 1.
 */
const longestWait = 15;

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
      const wait = await nextDecision(world);
      waits.push(wait);
      say(`round ${round}: deciding again ${wait.toFixed(1)} s after the broker was back`);
      if (wait > backWithin * world.slack)
        throw new Error(`${wait.toFixed(1)} s; the limit is ${backWithin}`);
    }
    await load.stop();
    const sorted = waits.toSorted((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)] as number;
    return {
      rounds,
      note: `decisions resumed after ${middle.toFixed(1)} s, at worst ${(sorted.at(-1) as number).toFixed(1)} s`,
    };
  },
};

export const brokerOfThree: Scenario = {
  name: 'cluster',
  what: 'one of three brokers killed, under load',
  world: (settings) => createWorld(settings, undefined, { nodes: 3 }),
  async run(world, say) {
    const load = world.load(40);
    // Each role of a broker, such as controller or group coordinator, only moves when its broker dies. So one of the three
    // kills hits each role.
    const victims = world.share ? [0] : [0, 1, 2];
    const waits: number[] = [];
    for (const victim of victims) {
      await inSync(world); // two missing brokers are too many
      await nextDecision(world);
      const killed = Date.now();
      await world.broker.kill(victim);
      for (const goal = load.accepted + 200; load.accepted < goal; ) await nextDecision(world);
      const wait = await longestSince(killed, world);
      waits.push(wait);
      say(`broker ${victim + 1} killed: the ride that waited longest was decided after ${wait.toFixed(1)} s`);
      if (wait > longestWait * world.slack)
        throw new Error(`a ride waited ${wait.toFixed(1)} s; the limit is ${longestWait}`);
      await world.broker.restart(victim);
    }
    await load.stop();
    return {
      rounds: victims.length,
      note: `no ride waited longer than ${Math.max(...waits).toFixed(1)} s for its decision`,
    };
  },
};

/** The release that brokers are upgraded from. */
const releaseBefore = '4.2.2';

export const brokerUpgrade: Scenario = {
  name: 'broker-upgrade',
  what: `three brokers upgraded from Kafka ${releaseBefore} to ${PINNED_VERSION}, one after the other, under load`,
  world: (settings) =>
    createWorld(settings, undefined, {
      nodes: 3,
      broker: (dataDir) =>
        startBroker({
          nodes: 3,
          version: releaseBefore,
          dataDir,
          env: { ...process.env, KAFKA_BROKERS: undefined },
        }),
    }),
  async run(world, say) {
    const load = world.load(40);
    const waits: number[] = [];
    for (const index of [0, 1, 2]) {
      await inSync(world);
      await nextDecision(world);
      const begun = Date.now();
      await world.broker.restart(index, { version: PINNED_VERSION });
      for (const goal = load.accepted + 100; load.accepted < goal; ) await nextDecision(world);
      const wait = await longestSince(begun, world);
      waits.push(wait);
      say(
        `broker ${index + 1} upgraded: the ride that waited longest was decided after ${wait.toFixed(1)} s`,
      );
      if (wait > longestWait * world.slack)
        throw new Error(`a ride waited ${wait.toFixed(1)} s; the limit is ${longestWait}`);
    }
    await load.stop();
    return {
      rounds: waits.length,
      note: `no ride waited longer than ${Math.max(...waits).toFixed(1)} s for its decision`,
    };
  },
};
