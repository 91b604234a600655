import { start, stop } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { isServed, living, readersOf } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Consumer groups and rebalance',
  needs: ['processes'],
  question: 'A second process of transaction starts. Who reads the partitions of ride_details then?',
  choices: [
    'Both processes read every partition, and each decides half of the rides',
    'The two processes share the partitions: each partition has one owner',
    'The first process alone, until it ends',
  ],
  answer: 1,
  acts: [
    {
      press: 'Start one more transaction',
      does: [start('transaction')],
      awaits: 'the group to rebalance',
      until: ({ now }) => readersOf(now, 'transaction') === 2 && isServed(now, 'transaction'),
      shows:
        'The group has rebalanced. Each partition has the colour of its one owner. analytics and email are groups of their own, so nothing changed for them.',
    },
    {
      press: 'Stop one of the two',
      does: [stop('transaction')],
      awaits: 'the other one to own all partitions',
      until: ({ now }) =>
        living(now, 'transaction').length === 1 &&
        readersOf(now, 'transaction') === 1 &&
        isServed(now, 'transaction'),
      shows:
        'The process that was stopped left its group, so the other one got its partitions without waiting for a timeout. It goes on at the committed offsets.',
    },
  ],
  explanation: [
    'In one consumer group, a partition has at most one owner at a time.',
    'A process that joins or leaves makes the group rebalance, and the committed offsets stay with the group.',
    'A group with more processes than partitions has processes that own nothing and wait.',
  ],
  code: {
    path: 'shared/src/kafka/consuming/assigner.ts',
    does: 'It decides which process of a group gets which partition.',
  },
  notes: {
    before: 'Point out the colour at the left end of each lane: it is the process that owns the partition.',
    after:
      'Ask how many processes of transaction make sense. Then start more of them than there are partitions, and look for the one that owns nothing.',
    misunderstanding:
      'Many think of a queue from which processes pull the next message. A group shares partitions, not messages.',
  },
};
