import type { crashPoints } from '@rideflow/shared/crash-points.ts';
import type { ProcessName } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import type { Scenario } from './scenario.ts';

const places: { name: ProcessName; points: (keyof typeof crashPoints)[] }[] = [
  { name: 'transaction', points: ['before-produce', 'after-produce', 'after-commit'] },
  { name: 'email', points: ['after-mail', 'before-produce', 'after-commit'] },
  { name: 'analytics', points: ['mid-statistics', 'before-produce'] },
];

export const crashes: Scenario = {
  name: 'crashes',
  what: 'each service killed at each of its crash points',
  async run(world, say) {
    const load = world.load(40);
    const turns = world.share ? 1 : 3;
    let rounds = 0;
    for (let turn = 1; turn <= turns; turn++) {
      for (const { name, points } of places) {
        for (const point of points) {
          await world.system.children.get(name)?.stop();
          const doomed = world.system.run(name, undefined, { CRASH_AT: `${point}:${2 * turn}` });
          await eventually(() => {
            if (doomed.running) throw new Error(`${name} did not reach the crash point ${point}`);
          });
          world.system.run(name);
          await world.system.ready(name);
          rounds++;
        }
        say(`${name} killed at ${points.join(', ')}`);
      }
    }
    await load.stop();
    return { rounds };
  },
};
