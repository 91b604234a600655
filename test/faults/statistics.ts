import { crash } from './crashes.ts';
import type { Scenario } from './scenario.ts';

export const statistics: Scenario = {
  name: 'statistics',
  what: 'analytics killed at random moments and in the middle of its write',
  async run(world, say) {
    const load = world.load(60);
    const rounds = world.share ? 3 : 12;
    for (let round = 1; round <= rounds; round++) {
      if (round % 2 === 0) await world.restart('analytics', 'SIGKILL');
      else await crash(world, 'analytics', `mid-statistics:${round * 3}`);
    }
    say(`killed ${rounds} times`);
    await load.stop();
    return { rounds };
  },
};
