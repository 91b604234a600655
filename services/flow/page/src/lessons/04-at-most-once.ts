import { book, dieAt } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { isServed, more } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'At most once',
  needs: ['processes'],
  stage: { guarantees: { transaction: 'at-most-once' } },
  question:
    'transaction commits its offset first and decides afterwards. It dies between the two. What becomes of the ride?',
  choices: ['The next process decides it', 'It is decided twice', 'It is lost: nobody decides it'],
  answer: 2,
  acts: [
    {
      press: 'Book a ride, and let transaction die after its commit',
      does: [dieAt('transaction', 'after-commit'), book()],
      awaits: 'the next process, and for the ride to be known as lost',
      until: (seen) => more(seen, 'lost') >= 1 && isServed(seen.now, 'transaction'),
      shows:
        'The ride is lost. Its offset is committed, so the process that came next starts behind it, and nothing on ride_confirmed names it.',
    },
  ],
  explanation: [
    'At most once commits the offset before the effect.',
    'A crash between the two loses the effect, and nothing happens twice.',
    'It is the right choice if a missing message does less harm than a repeated one, such as a measurement that is soon followed by the next.',
  ],
  code: {
    path: 'shared/src/kafka/guarantees/at-most-once.ts',
    does: 'It commits the offset, and only then lets the handler work.',
  },
  notes: {
    before: 'Write two lines on the board: commit, effect. Ask what a crash between them leaves behind.',
    after:
      'The sum is red and names the ride. It stays in the sum until somebody resets the system, as a lost ride stays lost in a real system.',
    misunderstanding:
      'Many expect that Kafka sends an unfinished message again. Kafka knows the committed offset and nothing about the work.',
  },
};
