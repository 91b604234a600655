import { type ProcessName, serviceNames } from '../../infra/system/system.ts';
import { eventually } from '../support/eventually.ts';
import type { Scenario } from './scenario.ts';

/** Kills each service in turn, and then several at once with a seed, so every run does the same. */
export const kills: Scenario = {
  name: 'kills',
  what: 'kill -9 and SIGTERM of each service in turn, then several at once',
  async run(world, say) {
    const each = world.share ? 2 : 10;
    const load = world.load(40);
    let rounds = 0;
    /**
     * When each service works again since its last turn. A killed reader waits for the session timeout, while the others take
     * their turn.
     */
    const again = new Map<ProcessName, Promise<void>>();
    for (let i = 0; i < each; i++) {
      for (const name of serviceNames) {
        await again.get(name);
        const restarted = world.restart(name, i % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        restarted.catch(() => {}); // reported where it is awaited
        again.set(name, restarted);
        rounds++;
        const goal = load.accepted + 20;
        await eventually(() => {
          if (load.accepted < goal) throw new Error('booking does not continue');
        });
      }
    }
    await Promise.all(again.values());
    say(`each service ${each} times, ${load.accepted} rides accepted so far`);
    for (let i = 0; i < each; i++, rounds++) {
      // Covers every pair and triple of the four. The bits of a counter are as good as random numbers, and repeatable.
      const chosen = serviceNames.filter((_, n) => ((i * 7 + 3) >> n) & 1);
      await Promise.all(chosen.map((name) => world.restart(name, 'SIGKILL')));
    }
    say(`several at once: ${each} times`);
    await load.stop();
    return { rounds };
  },
};
