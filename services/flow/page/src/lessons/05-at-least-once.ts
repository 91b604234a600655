import { book, dieAt } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { isServed, more } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'At least once',
  needs: ['processes'],
  stage: { guarantees: { transaction: 'at-least-once' } },
  question:
    'transaction writes its decision first and commits its offset afterwards. It dies between the two. What becomes of the ride?',
  choices: [
    'It is decided once, by the process that died',
    'It is decided twice',
    'It is lost: nobody decides it',
  ],
  answer: 1,
  acts: [
    {
      press: 'Book a ride, and let transaction die before its commit',
      does: [dieAt('transaction', 'after-produce'), book()],
      awaits: 'the next process to decide the ride again',
      until: (seen) => more(seen, 'twice') >= 1 && isServed(seen.now, 'transaction'),
      shows:
        'The ride has two decisions on ride_confirmed. The next process started at the committed offset, which was still in front of this ride, and decided it again.',
    },
  ],
  explanation: [
    'At least once commits the offset after the effect.',
    'A crash between the two repeats the effect, and nothing is lost.',
    'A reader that must not act twice has to recognise the repeat itself, for example by an id in the message.',
  ],
  code: {
    path: 'shared/src/kafka/guarantees/at-least-once.ts',
    does: 'It commits the offset when the effect has happened.',
  },
  notes: {
    before: 'The same two lines as in the lesson before, in the other order: effect, commit.',
    after:
      'Compare the two decisions: they name the same driver, because the decision follows from the ride alone. Ask what would happen if the driver were drawn by lot.',
    misunderstanding:
      'Many call this “exactly once, except for crashes”. The crashes are the point: a guarantee is what holds then.',
  },
};
