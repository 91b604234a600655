import { seededRandom } from '../../infra/book/random.ts';
import { eventually } from '../support/eventually.ts';
import type { Mailbox } from '../support/mailbox.ts';
import type { Scenario } from './scenario.ts';

export const mailServer: Scenario = {
  name: 'smtp',
  what: 'a mail server with temporary and permanent refusals, hangs, and broken connections after the final dot',
  async run(world, say) {
    const seen = misbehave(world.mailbox, seededRandom(7));
    const load = world.load(30);
    const least = world.share ? { mails: 200, ofEach: 1 } : { mails: 700, ofEach: 3 };
    await eventually(() => {
      if (world.mailbox.mails.length < least.mails || Math.min(...Object.values(seen)) < least.ofEach)
        throw new Error('not every fault was seen often enough');
    }, 300_000);
    await load.stop();
    behave(world.mailbox);
    const note = `${seen.later} times 4xx, ${seen.never} 5xx, ${seen.disconnect} broken off, ${seen.hang} hung`;
    say(note);
    return { rounds: seen.later + seen.never + seen.disconnect + seen.hang, note };
  },
};

/** From now on, rejects or does not answer some mails. @returns the counts of each kind so far */
export function misbehave(mailbox: Mailbox, random: () => number) {
  const seen = { later: 0, never: 0, hang: 0, disconnect: 0 };
  mailbox.refuse = () => {
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
  mailbox.afterTaking = () => {
    const chance = random();
    if (chance < 0.02) {
      seen.disconnect++;
      return 'disconnect';
    }
    if (chance < 0.024) {
      seen.hang++;
      return 'hang';
    }
    return 'answer';
  };
  return seen;
}

export function behave(mailbox: Mailbox): void {
  mailbox.refuse = () => null;
  mailbox.afterTaking = () => 'answer';
}
