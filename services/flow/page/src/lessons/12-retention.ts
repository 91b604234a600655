import { book, expireBooked, start } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { isServed, lagOf, more } from '../teaching/signs.ts';

const one = book({ customer_id: 'user_5' });

export const lesson: Lesson = {
  title: 'Retention',
  needs: ['processes'],
  stage: { processes: { transaction: 0 } },
  question:
    'transaction is away for longer than Kafka keeps messages. What becomes of the rides that it has not read?',
  choices: [
    'Kafka keeps them until the group has read them',
    'They are gone: retention asks no reader',
    'Kafka moves them to the dead-letter topic',
  ],
  answer: 1,
  acts: [
    {
      press: 'Book three rides',
      does: [one, one, one],
      awaits: 'the rides to wait for transaction',
      until: (seen) => lagOf(seen.now, 'transaction') >= 3,
      shows: 'No process of transaction runs. The three rides wait in front of its committed offset.',
    },
    {
      press: 'Delete them, as retention does',
      does: [expireBooked],
      awaits: 'the partition to begin behind them',
      until: ({ now, booked }) => {
        const last = booked.at(-1);
        const lane = now.lanes.find(
          ({ topic, partition }) => topic === 'ride_details' && partition === last?.partition,
        );
        return last !== undefined && lane !== undefined && lane.start > last.offset;
      },
      shows:
        'The first offset of that partition has moved behind the three rides. The committed offset of transaction now names a message that Kafka no longer has.',
    },
    {
      press: 'Start transaction',
      does: [start('transaction')],
      awaits: 'transaction to find its place, and for the rides to be known as expired',
      until: (seen) => more(seen, 'expired') >= 3 && isServed(seen.now, 'transaction'),
      shows:
        'transaction logged an error with both offsets, counted what is missing and went on at the first offset that Kafka still has. The sum names the three rides as expired.',
    },
  ],
  explanation: [
    'Retention deletes by age or size, whether or not somebody has read the message.',
    'A reader whose committed offset was deleted must choose where to go on; transaction goes on at the first offset that Kafka still has.',
    'It logs an error and counts the gap, so that nothing is lost without a word.',
  ],
  code: {
    path: 'shared/src/kafka/consuming/missing-offset.ts',
    does: 'It notices that a place is gone, and says what was missed.',
  },
  notes: {
    before: 'Ask how long messages are kept, and who decided that. Kafka’s default is seven days.',
    after:
      'This lesson deletes by an offset, because nobody waits for seven days. The effect on a reader is the same.',
    misunderstanding:
      'Many treat Kafka as a queue that keeps what is unread. A log forgets by time, not by reading.',
  },
};
