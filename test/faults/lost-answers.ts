import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from '../../infra/broker/broker.ts';
import { freePorts } from '../../infra/broker/ports.ts';
import { eventually } from '../support/eventually.ts';
import { endTransaction, type LossyProxy, produce, startProxy } from './proxy.ts';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

/** With no further answer lost for so long, in milliseconds, no more will be. */
const standstill = 30_000;

let proxy: LossyProxy;

export const lostAnswers: Scenario = {
  name: 'answers',
  what: 'every twentieth answer to a produce and to the end of a transaction lost after the broker had done it',
  world: (settings) =>
    createWorld(settings, undefined, {
      async broker(dataDir) {
        const [real = 0, shown = 0] = await freePorts(2);
        proxy = await startProxy(shown, real, { apis: [produce, endTransaction], share: 0.05, seed: 1 });
        const broker = await startBroker({
          way: 'local',
          ports: [real],
          dataDir,
          env: process.env,
          // Clients are sent on to the address that the broker shows them: the proxy's.
          adapt: (settings) => ({ ...settings, 'advertised.listeners': `HOST://localhost:${shown}` }),
        });
        return {
          ...broker,
          brokers: [`localhost:${shown}`],
          async stop() {
            await broker.stop();
            await proxy.stop();
          },
        };
      },
    }),
  async run(world, say) {
    const load = world.load(100);
    const least = world.share
      ? { ms: 15_000, produces: 10, ends: 4 }
      : { ms: 45_000, produces: 60, ends: 16 };
    await sleep(least.ms); // how long it lasts at least, not what is waited for
    const lost = (api: number) => proxy.lost.get(api) ?? 0;
    const goal = least.produces + least.ends;
    /** What is lost beyond its own goal does not count for the other. */
    const counted = () =>
      Math.min(lost(produce), least.produces) + Math.min(lost(endTransaction), least.ends);
    let known = -1;
    let moved = Date.now();
    await eventually(() => {
      const now = counted();
      if (now > known) moved = Date.now();
      known = now;
      if (now < goal && Date.now() - moved < standstill) throw new Error('too few answers were lost so far');
    }, 300_000);
    const lacking = counted() < goal && 'the proxy lost too few answers, so too little was tried';
    await load.stop();
    const note = `${lost(produce)} answers to a produce and ${lost(endTransaction)} to the end of a transaction lost`;
    say(note);
    return {
      rounds: [...proxy.lost.values()].reduce((sum, n) => sum + n, 0),
      note,
      ...(lacking && { lacking }),
    };
  },
};
