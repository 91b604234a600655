/** Lab 8: what exactly once cannot cover, and the best that one can do. */
import type { Failure, Lab, Random } from '../engine/lab.ts';
import type { Outcome } from '../engine/outcome.ts';
import { aboutRide, found } from '../engine/saw.ts';
import { wrong } from './wrong.ts';

export const mailBoundary: Lab = {
  number: 8,
  name: 'mail-boundary',
  title: 'The mail boundary',
  about: 'what exactly once cannot cover, and the best that one can do',
  file: 'mailing.ts',
  group: 'email',
  effects: 'mails',
  question: {
    ask: 'The mail server accepts a mail, and the service crashes before it commits. Can the restarted service find out that the mail was sent?',
    answers: [
      'Yes, by a Kafka transaction around both.',
      'Yes, Kafka knows which messages were handled.',
      'No. It can only send it again in a way that the mailbox recognises.',
    ],
    right: 3,
    because:
      'The mail server is no part of Kafka, and the answer of the server died with the process. A stable Message-ID makes the second mail harmless.',
  },
  checks: [
    {
      name: 'a crash after the mail repeats it with the same Message-ID',
      does: 'kills the service when the server has accepted a mail, and starts it again',
      scenario: (random) => {
        const count = random.whole(1, 3);
        return {
          lives: [{ rides: rides(random, count), crash: `after-mail:${random.whole(1, count)}` }, {}],
        };
      },
      judge: (outcome) => missing(outcome) ?? changed(outcome, 'changes'),
    },
    {
      name: 'a crash around the commit loses no mail',
      does: 'kills the service right after a commit and right before a mail, and starts it again each time',
      scenario: (random) => ({
        lives: [
          { rides: rides(random, 3), crash: `after-commit:${random.whole(1, 3)}` },
          { rides: rides(random, 1, 4), crash: 'before-produce:1' },
          {},
        ],
      }),
      judge: (outcome) => missing(outcome) ?? changed(outcome, 'changes'),
    },
    {
      name: 'two rides of one customer have two Message-IDs',
      does: 'books two rides of the same customer',
      scenario: (random) => {
        const customer = `user_${random.whole(1, 9)}`;
        return { lives: [{ rides: [1, 2].map((number) => ({ number, customer, partition: 1 })) }] };
      },
      judge: (outcome) => missing(outcome) ?? changed(outcome, 'too-wide'),
    },
    {
      name: 'a decision that is stored again is mailed with the same Message-ID',
      does: 'writes one of the decisions to the topic again, as a replay does',
      scenario: (random) => {
        const [ride] = rides(random, 1);
        return { lives: [{ rides: ride ? [ride, ride] : [] }] };
      },
      judge: (outcome) => changed(outcome, 'coordinates') ?? missing(outcome),
    },
    {
      name: 'decisions about two rides with the same id have two Message-IDs',
      does: 'books two rides with the same id, as a foreign writer does',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 2).map((ride) => ({ ...ride, id: 'ride-0' })) }],
      }),
      judge: (outcome) => sameForTwo(outcome, 'by-id', 'two rides with the same id'),
    },
    {
      name: 'decisions without the header ce_id have two Message-IDs',
      does: 'writes two decisions without headers, as a foreign writer does',
      scenario: (random) => ({
        lives: [{ rides: rides(random, 2).map((ride) => ({ ...ride, foreign: true as const })) }],
      }),
      judge: (outcome) => sameForTwo(outcome, 'no-header', 'two decisions without the header ce_id'),
    },
  ],
  hints: {
    changes: [
      'Compare the two Message-IDs of this ride. Where do they come from?',
      'A random id is new at each attempt, so the mailbox shows two different mails.',
      "Derive the Message-ID from the identity of the decision, the header ce_id: `createHash('sha256').update(identity)…`.",
    ],
    lost: [
      'The decision is committed, and its mail is missing. In which order does your service do the two?',
      'Committing first avoids repeated mails, but a crash then loses one. A lost mail is worse than a repeated one.',
      'Send the mail first and wait for it. Commit the offset afterwards.',
    ],
    'too-wide': [
      'Two different rides have mails with the same Message-ID. What do they have in common?',
      'A mailbox drops the second one as a repeat. The Message-ID must follow from something that only this decision has.',
      'Use the header ce_id of the message as the source, not the customer.',
    ],
    coordinates: [
      'The same decision is at two offsets. Look at the Message-IDs of its mails.',
      'A decision that is stored again has a new offset, and yours changes with it.',
      'Use the header ce_id as the source. Use the coordinates only where the header is missing.',
    ],
    'by-id': [
      'Look at the id of the two rides. Who chose it?',
      'The id in the message is not unique: whoever writes the message chooses it. The mailbox drops the second mail.',
      'Use the header ce_id of the message as the source, not the id of the ride.',
    ],
    'no-header': [
      'Neither message has the header ce_id. What does your Message-ID follow from then?',
      'From nothing that differs between the two. A foreign writer sends no headers.',
      'If the header is missing, use the coordinates: `message.headers?.ce_id ?? [topic, partition, message.offset].join()`.',
    ],
  },
  holds:
    'The mail is sent before the commit, so no crash loses one. A mail that is sent again has the same Message-ID, so the mailbox can drop it. That is at-least-once delivery with an identity: the best that is possible without a common transaction.',
  open: 'The customer of a mail program without a dedupe window sees two mails. After the window, every repeat is a new mail. The same boundary is at each payment provider, SMS gateway and web hook: those that take an idempotency key offer exactly what a Message-ID does here.',
  starter: 'changes',
  wrong,
};

function rides(random: Random, count: number, first = 1) {
  const partition = random.whole(0, 2);
  return Array.from({ length: count }, (_, i) => ({
    number: first + i,
    customer: `user_${first + i}`,
    partition,
  }));
}

function missing(outcome: Outcome): Failure | null {
  const lost = found(outcome, 'mail missing');
  return lost ? aboutRide(lost, 'lost', 'is decided and committed, but there is no mail') : null;
}

function changed(outcome: Outcome, hint: string): Failure | null {
  const other = found(outcome, 'mail changed id');
  if (!other) return null;
  return other.ride
    ? aboutRide(other, hint, 'has mails with different Message-IDs')
    : { hint, saw: other.what, kind: other.kind };
}

/** Two decisions must have two mails with different Message-IDs. @param which "two rides with …" */
function sameForTwo({ facts, stalled, ended }: Outcome, hint: string, which: string): Failure | null {
  if (ended) return null;
  const ids = facts.mails?.map(({ messageId }) => messageId) ?? [];
  if (stalled && ids.length < 2) return { hint, saw: `Of ${which}, only ${ids.length} were mailed.` };
  if (new Set(ids).size !== 1) return null;
  return {
    hint,
    saw: `The mails about ${which} have the same Message-ID.`,
    evidence: [['mails', ids.join(', ')]],
  };
}
