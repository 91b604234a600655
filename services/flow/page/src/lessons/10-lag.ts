import { pace, stopStream, stream } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { lagOf } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Lag and catching up',
  stage: { paces: { email: { delay: 1000, paused: false, step: false } } },
  question: 'email waits a second before each message, and ten rides come each second. Who else is held up?',
  choices: [
    'rides, because the topics fill up',
    'analytics, because it reads the same topic as email',
    'Nobody: only the lag of email grows',
  ],
  answer: 2,
  acts: [
    {
      press: 'Book ten rides a second',
      does: [stream(10, { keys: true })],
      awaits: 'email to be 20 offsets behind',
      until: ({ now }) => lagOf(now, 'email') >= 20 && lagOf(now, 'analytics') < 10,
      shows:
        'The triangles of email stay behind while the lanes grow: the distance is its lag. analytics, another group, keeps up on the same lanes.',
    },
    {
      press: 'Stop the stream, and let email work at full speed',
      does: [stopStream, pace('email')],
      awaits: 'email to have no lag',
      until: ({ now }) => lagOf(now, 'email') === 0 && now.totals.inFlight === 0,
      shows:
        'email has caught up. It read everything that had waited, and mailed each customer’s rides in their order.',
    },
  ],
  explanation: [
    'Messages stay on the log when they are read, so each group reads at its own pace.',
    'The lag of a group is the distance from its committed offset to the end of the partition.',
    'A reader that is slow or away loses nothing for as long as Kafka keeps the messages.',
  ],
  code: {
    path: 'shared/src/kafka/observing/lag.ts',
    does: 'It computes the lag of a group from the offsets.',
  },
  notes: {
    before: 'Ask where the messages wait: in the service, in the mail server, or in Kafka.',
    after: 'Open “Numbers” and look at the lag over time: up while the stream ran, and down to zero.',
    misunderstanding:
      'Many expect that a slow consumer slows down its producer. Between the two stands the log, and its limit is retention.',
  },
};
