import { eventually } from '../support/eventually.ts';
import type { Scenario } from './scenario.ts';

export const statistics: Scenario = {
  name: 'statistics',
  what: 'analytics killed at random moments and in the middle of its write',
  async run(world, say) {
    const load = world.load(60);
    const rounds = world.share ? 3 : 12;
    for (let round = 1; round <= rounds; round++) {
      const child = world.system.children.get('analytics');
      if (round % 2 === 0) await child?.stop('SIGKILL');
      else {
        await child?.stop();
        const doomed = world.system.run('analytics', undefined, { CRASH_AT: `mid-statistics:${round * 3}` });
        await eventually(() => {
          if (doomed.running) throw new Error('it did not reach the crash point');
        });
      }
      world.system.run('analytics');
      await world.system.ready('analytics');
      if (round % 4 === 0) say(`killed ${round} times`);
    }
    await load.stop();
    return { rounds };
  },
};
