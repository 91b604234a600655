import { serviceNames } from '../../infra/system/system.ts';
import type { Scenario } from './scenario.ts';

/** Each service in turn, and then several at once by a seed, so that every run does the same. */
export const kills: Scenario = {
  name: 'kills',
  what: 'kill -9 and SIGTERM of each service in turn, then several at once',
  async run(world, say) {
    const each = world.share ? 2 : 10;
    const load = world.load(40);
    let rounds = 0;
    for (const name of serviceNames) {
      for (let i = 0; i < each; i++, rounds++) await world.restart(name, i % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      say(`${name}: ${each} times, ${load.accepted} rides accepted so far`);
    }
    for (let i = 0; i < each; i++, rounds++) {
      // Every pair and triple of the four comes up; bits of a counter are as good as chance, and the same every time.
      const chosen = serviceNames.filter((_, n) => ((i * 7 + 3) >> n) & 1);
      await Promise.all(chosen.map((name) => world.restart(name, 'SIGKILL')));
    }
    say(`several at once: ${each} times`);
    await load.stop();
    return { rounds };
  },
};
