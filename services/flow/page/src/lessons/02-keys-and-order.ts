import { book, pace, stopStream, stream } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { more } from '../teaching/signs.ts';

const one = book({ customer_id: 'user_7' });

export const lesson: Lesson = {
  title: 'Partitions, keys and order',
  question: 'One customer books three rides. Which partitions get the three messages?',
  choices: [
    'Each message goes to a different partition, so that the work is shared',
    'All go to one partition, in the order of booking',
    'Each message goes to the partition that is shortest at that moment',
  ],
  answer: 1,
  acts: [
    {
      press: 'Book three rides of user_7',
      does: [one, one, one],
      awaits: 'the three rides to be decided',
      until: (seen) => more(seen, 'confirmed') >= 3,
      shows:
        'All three messages are on the same partition, one behind the other. Their key is the customer, and the key chooses the partition.',
    },
    {
      press: 'Book rides without a key',
      does: [pace('transaction', { delay: 200 }), stream(20, { keys: false })],
      awaits: 'a ride to be overtaken by a later one of the same customer',
      until: (seen) => more(seen, 'overtaken') >= 1,
      shows:
        'Now one customer’s rides spread over all partitions. The sum counts the rides that were overtaken: a later ride of the same customer was decided first.',
    },
    {
      press: 'Stop the stream',
      does: [stopStream, pace('transaction')],
      awaits: 'the last ride to be decided',
      until: ({ now }) => now.totals.inFlight === 0,
      shows:
        'Every ride was decided. Without a key nothing is lost, but the order of one customer’s rides is.',
    },
  ],
  explanation: [
    'Kafka keeps the order inside one partition, and only there.',
    'Messages with the same key go to the same partition, so one customer’s rides stay in order.',
    'Different customers may share a partition, and their rides may be decided at the same time on different partitions.',
  ],
  code: { path: 'shared/src/kafka/publish.ts', does: 'It chooses the partition by the key, the customer.' },
  notes: {
    before:
      'Ask where the order comes from: from the time of the request, from the offset, or from the partition.',
    after:
      'Click two marks of one customer and compare their keys. A topic that gets more partitions sends some keys elsewhere from then on.',
    misunderstanding:
      'Many believe that a topic is ordered. Only a partition is. Others believe that each key has a partition of its own. Keys share partitions.',
  },
};
