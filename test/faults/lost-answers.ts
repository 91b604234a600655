import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../infra/book/random.ts';
import { eventually } from '../support/eventually.ts';
import { endTransaction, produce, startBehindProxy } from './proxy.ts';
import type { Scenario } from './scenario.ts';
import { createWorld } from './world.ts';

/** If no answer is lost for this long, in milliseconds, no more will be. */
const standstill = 30_000;

/** Lost answers so far, for each type of request. */
let lost: Map<number, number>;

export const lostAnswers: Scenario = {
  name: 'answers',
  what: 'every twentieth answer to a produce and to the end of a transaction lost after the broker had done the work',
  async world(settings) {
    lost = new Map();
    const random = seededRandom(1);
    return createWorld(settings, undefined, {
      broker: (dataDir) =>
        startBehindProxy(dataDir, (api) => {
          if (![produce, endTransaction].includes(api) || random() >= 0.05) return 0;
          lost.set(api, (lost.get(api) ?? 0) + 1);
          return 'lose';
        }),
    });
  },
  async run(world, say) {
    const load = world.load(100);
    const least = world.share
      ? { ms: 15_000, produces: 10, ends: 4 }
      : { ms: 45_000, produces: 60, ends: 16 };
    await sleep(least.ms); // the least duration, not a wait for an event
    const times = (api: number) => lost.get(api) ?? 0;
    const goal = least.produces + least.ends;
    /** Lost answers beyond one goal do not count for the other. */
    const counted = () =>
      Math.min(times(produce), least.produces) + Math.min(times(endTransaction), least.ends);
    let known = -1;
    let moved = Date.now();
    await eventually(() => {
      const now = counted();
      if (now > known) moved = Date.now();
      known = now;
      if (now < goal && Date.now() - moved < standstill) throw new Error('too few answers are lost so far');
    }, 300_000);
    const lacking = counted() < goal && 'the proxy lost too few answers, so the test is not conclusive';
    await load.stop();
    const note = `${times(produce)} answers to a produce and ${times(endTransaction)} to the end of a transaction lost`;
    say(note);
    return {
      rounds: [...lost.values()].reduce((sum, n) => sum + n, 0),
      note,
      ...(lacking && { lacking }),
    };
  },
};
