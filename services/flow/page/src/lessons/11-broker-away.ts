import { bookInVain, bookWhenBack, killKafka, startKafka } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { hasSteps, isServed } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Broker away',
  needs: ['broker'],
  question: 'Kafka is away, and a customer books a ride. What does rides answer?',
  choices: [
    '202: it keeps the ride in memory until Kafka is back',
    '503: it promises only what Kafka has stored',
    'Nothing, until Kafka is back',
  ],
  answer: 1,
  acts: [
    {
      press: 'Kill Kafka',
      does: [killKafka],
      awaits: 'Kafka to be away',
      until: ({ now }) => !now.broker.up,
      shows: 'Kafka is away. The picture is as it was then, and every process tries to connect again.',
    },
    {
      press: 'Book a ride',
      does: [bookInVain],
      awaits: 'the answer of rides',
      until: ({ refused }) => refused !== null,
      shows:
        'rides answered 503, not 202. If it says that the ride may still be booked, Kafka may store it later, and the sum then counts it as accepted. A second try with the same Idempotency-Key is the same ride; without a key, the customer may get two.',
      quotes: true,
    },
    {
      press: 'Start Kafka again',
      does: [startKafka],
      awaits: 'Kafka, and all groups to read again',
      until: ({ now }) =>
        now.broker.up && ['transaction', 'analytics', 'email'].every((group) => isServed(now, group)),
      shows:
        'Kafka is back with everything that it had stored. No process was started again: each has connected by itself.',
    },
    {
      press: 'Book a ride',
      does: [bookWhenBack],
      awaits: 'the ride to be mailed',
      until: (seen) => hasSteps(seen, 'committed', 'mailed'),
      shows:
        'The ride is decided and mailed. The sum has every ride that was answered with 202. It may also count the ride that was answered with 503 as accepted.',
    },
  ],
  explanation: [
    'A 202 means that Kafka has stored the ride, so rides cannot give one while Kafka is away.',
    'Readers wait, connect again by themselves and go on at their committed offsets.',
    'What was stored before the outage is still there after it.',
  ],
  code: { path: 'services/rides/src/desk.ts', does: 'It answers when Kafka has the ride, or says why not.' },
  notes: {
    before: 'Ask what a customer prefers: a fast “yes” that may be false, or an honest “I do not know yet”.',
    after:
      '“npm start -- --cluster” runs three brokers. There, one broker may be away, and rides still answers 202.',
    misunderstanding:
      'Many suggest that rides answers 202 and keeps the ride in memory. Then a crash of rides loses a ride that was answered with 202.',
  },
};
