import { book, expectOpen, kill, start, step } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { hasSteps, isDeciding, isHeld } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Exactly once and the open transaction',
  needs: ['processes'],
  stage: { paces: { transaction: { delay: 0, paused: false, step: true } } },
  question:
    'transaction has written its decision in a Kafka transaction and is killed before the commit. How many decisions does email read?',
  choices: ['None: the ride is lost', 'One', 'Two: one of each process'],
  answer: 1,
  acts: [
    {
      press: 'Book a ride',
      does: [book()],
      awaits: 'transaction to fetch it',
      until: ({ now }) => isHeld(now, 'transaction', 'before its handling'),
      shows:
        'transaction works step by step. It has fetched the request, and waits for a step before it reads and decides it.',
    },
    {
      press: 'One step: decide it',
      does: [step('transaction')],
      awaits: 'the decision in the open transaction',
      until: (seen) => isHeld(seen.now, 'transaction', 'in the open transaction') && isDeciding(seen),
      shows:
        'The decision is a hollow mark: it is on disk, in a transaction that is open. A read-committed reader gets nothing from there on, so it is neither mailed nor counted.',
    },
    {
      press: 'Kill it there, and start another one',
      does: [expectOpen('transaction'), kill('transaction'), start('transaction')],
      awaits: 'the ride to be decided again and mailed',
      until: (seen) => hasSteps(seen, 'aborted', 'committed', 'mailed'),
      shows:
        'The next process aborted the open transaction: the first decision is struck out. It read the committed offset, decided again and committed. The second decision counts.',
    },
  ],
  explanation: [
    'The decision and the offset of the request are one Kafka transaction: both become visible, or neither.',
    'An aborted decision keeps its offset on the log, and read-committed readers skip it.',
    'So the decision may be written more than once, and takes effect exactly once.',
  ],
  code: {
    path: 'shared/src/kafka/guarantees/exactly-once-topic.ts',
    does: 'The comment at its top says why the guarantee holds when a process is killed or frozen.',
  },
  notes: {
    before: 'Let the class count hollow marks and filled marks separately. Only filled ones count.',
    after:
      'Point at the thin bars: commit and abort are markers on the log, and they take offsets. That is why offsets have gaps.',
    misunderstanding:
      'Many read “exactly once” as “written once” or “processed once”. It means that the effect inside Kafka counts once.',
  },
};
