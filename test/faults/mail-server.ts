import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../infra/book/random.ts';
import type { Scenario } from './scenario.ts';

export const mailServer: Scenario = {
  name: 'smtp',
  what: 'a mail server that refuses for now, refuses for good, hangs, and breaks off after the final dot, mixed',
  async run(world, say) {
    const random = seededRandom(7);
    const seen = { later: 0, never: 0, hang: 0, disconnect: 0 };
    world.mailbox.refuse = () => {
      const chance = random();
      if (chance < 0.03) {
        seen.later++;
        return { code: 451, message: 'try again later' };
      }
      if (chance < 0.04) {
        seen.never++;
        return { code: 550, message: 'no such user' };
      }
      return null;
    };
    world.mailbox.afterTaking = () => {
      const chance = random();
      if (chance < 0.02) {
        seen.disconnect++;
        return 'disconnect';
      }
      if (chance < 0.022) {
        seen.hang++;
        return 'hang';
      }
      return 'answer';
    };
    const load = world.load(20);
    await sleep(world.share ? 15_000 : 40_000); // how long it lasts, not what is waited for
    await load.stop();
    world.mailbox.refuse = () => null;
    world.mailbox.afterTaking = () => 'answer';
    const note = `${seen.later} times 4xx, ${seen.never} 5xx, ${seen.disconnect} broken off, ${seen.hang} hung`;
    say(note);
    return { rounds: seen.later + seen.never + seen.disconnect + seen.hang, note };
  },
};
