import { book, expectOpen, freeze, start, step, thaw } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { hasSteps, isDeciding, isHeld, isServed, living, more, readersOf } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Zombie and fencing',
  needs: ['processes'],
  stage: { paces: { transaction: { delay: 0, paused: false, step: true } } },
  question:
    'transaction freezes inside its transaction, another process takes over, and then the first one wakes up. Can it still commit its decision?',
  choices: [
    'Yes, and the ride is decided twice',
    'No: Kafka refuses it',
    'Yes, and its decision replaces the other one',
  ],
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
      shows: 'The decision is written, and its transaction is open.',
    },
    {
      press: 'Freeze it, and start another one',
      does: [expectOpen('transaction'), freeze('transaction'), start('transaction')],
      awaits: 'the session of the frozen process to time out, and the other one to take over',
      until: (seen) =>
        isServed(seen.now, 'transaction') &&
        more(seen, 'confirmed') >= 1 &&
        hasSteps(seen, 'aborted', 'committed'),
      shows:
        'Kafka took the frozen process for dead when its session timed out. The other process got its partitions and its transactional ids. That aborted the open transaction, and the ride was decided again.',
    },
    {
      press: 'Resume the frozen one',
      does: [thaw],
      awaits: 'Kafka to refuse its commit, and both processes to share the partitions',
      until: (seen) =>
        hasSteps(seen, 'fenced') &&
        living(seen.now, 'transaction').length === 2 &&
        readersOf(seen.now, 'transaction') === 2 &&
        isServed(seen.now, 'transaction') &&
        more(seen, 'twice') === 0,
      shows:
        'It woke up and continued its transaction. Kafka refused that: the step “fenced” of this ride and a line in the tab “Log” have Kafka’s answer. Then it joined its group again as if it were new. The ride is still decided once.',
    },
  ],
  explanation: [
    'A process that stood still cannot know that others took it for dead: it is a zombie.',
    'Each partition has its own transactional id, and whoever takes it over gets a higher epoch.',
    'Kafka refuses every write and commit with the older epoch, and that is called fencing.',
  ],
  code: {
    path: 'shared/src/kafka/guarantees/partition-writer.ts',
    does: 'One transactional producer for each input partition; the newest one wins.',
  },
  notes: {
    before:
      'Name what freezes a process in practice: a long garbage collection, a virtual machine that is moved, a laptop that sleeps.',
    after:
      'Ask why a longer session timeout is no solution: it delays the takeover, and a longer freeze beats it again.',
    misunderstanding:
      'Many trust a check before the commit, “am I still the owner?”. The freeze can come right after the check.',
  },
};
