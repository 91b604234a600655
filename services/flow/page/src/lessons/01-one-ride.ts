import { book } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { hasSteps } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'One ride',
  question: 'A customer asks for a ride. Which process tells the customer how it ended?',
  choices: [
    'rides, because it took the request',
    'transaction calls email when it has decided',
    'email, which reads the decision from Kafka by itself',
  ],
  answer: 2,
  acts: [
    {
      press: 'Book a ride',
      does: [book()],
      awaits: 'the ride to be decided, counted and mailed',
      until: (seen) => hasSteps(seen, 'decided', 'committed', 'counted', 'mailed'),
      shows:
        'The request is one message on ride_details. The decision is another message, on the same partition of ride_confirmed. The dotted line joins the two.',
    },
  ],
  explanation: [
    'No service calls another one: each reads a topic, does its work and may write to the next topic.',
    'rides answers as soon as Kafka has stored the request, and does not wait for the decision.',
    'email and analytics read the same decision, each in a consumer group of its own and at its own pace.',
  ],
  code: { path: 'shared/src/topology.ts', does: 'One table says who reads and writes which topic.' },
  notes: {
    before:
      'Ask the class to name the processes on the map, from top to bottom. Do not explain offsets yet: let them see that marks appear at the right end.',
    after:
      'Read the timeline on the right aloud, with its milliseconds. Point out that the answer 202 does not wait for the decision.',
    misunderstanding:
      'Many expect that rides waits for transaction. It does not: 202 means stored, not decided.',
  },
};
