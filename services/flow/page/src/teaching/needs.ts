/** What a lesson needs, and where it is not there. Pure. */
import type { Controls } from '../../../src/protocol.ts';
import type { Lesson, Need } from './lesson.ts';

const has: Record<Need, (controls: Controls) => boolean> = {
  processes: ({ processes }) => processes === 'here',
  mailbox: ({ mailFault }) => mailFault !== null,
  broker: ({ broker }) => broker,
};
const lacks: Record<Need, string> = {
  processes:
    'This lesson starts and ends processes. The page can do that where `npm start` runs the system, and not here.',
  mailbox:
    'This lesson counts the mails in the mailbox that `npm start` runs. It does not answer, or another mail server is used here.',
  broker: 'This lesson stops Kafka. The page can do that where `npm start` has started Kafka, and not here.',
};

/** Why the lesson is not offered here, a sentence; null where it is. */
export function missing({ needs = [] }: Pick<Lesson, 'needs'>, controls: Controls): string | null {
  const need = needs.find((one) => !has[one](controls));
  return need === undefined ? null : lacks[need];
}
