import type { crashPoints } from '@rideflow/shared/crash-points.ts';
import type { ProcessName } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** The crash points of each service. */
export const places: { name: ProcessName; points: (keyof typeof crashPoints)[] }[] = [
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
    const rounds = await Promise.all(
      places.map(async ({ name, points }) => {
        for (let turn = 1; turn <= turns; turn++)
          for (const point of points) await crash(world, name, `${point}:${2 * turn}`);
        say(`${name}: ${turns} times at each of ${points.join(', ')}`);
        return turns * points.length;
      }),
    );
    await load.stop();
    return { rounds: rounds.reduce((sum, n) => sum + n, 0) };
  },
};

/** Restarts a service with a crash point, and again without one after it crashed. Resolves when it works again. */
export async function crash(world: World, name: ProcessName, place: string): Promise<void> {
  await world.system.children.get(name)?.stop();
  const doomed = world.system.run(name, undefined, { CRASH_AT: place });
  await eventually(() => {
    if (doomed.running) throw new Error(`${name} did not reach the crash point ${place}`);
  });
  world.system.run(name);
  await world.system.ready(name);
}
