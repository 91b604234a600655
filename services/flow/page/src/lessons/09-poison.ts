import { book, poison, replay } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { more } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'Poison and replay',
  question: 'A message on ride_details has a latitude of 1297 degrees. What does transaction do with it?',
  choices: [
    'It tries again until the message can be processed',
    'It parks the message with the reason, and goes on',
    'It skips the message without a trace',
  ],
  answer: 1,
  acts: [
    {
      press: 'Send the broken message, and a ride after it',
      does: [poison('wrong-field'), book()],
      awaits: 'the dead letter, and the ride to be decided',
      until: (seen) => more(seen, 'deadLettered') >= 1 && more(seen, 'confirmed') >= 1,
      shows:
        'The broken message is a diamond. A copy of it is in “dead letters” with the reason, and the ride that came after it is decided.',
    },
    {
      press: 'Correct it and replay it',
      does: [replay('transaction', { customer_id: 'user_9', location: { lat: 12.97, long: 77.59 } })],
      awaits: 'the corrected ride to be decided',
      until: (seen) => more(seen, 'confirmed') >= 2,
      shows:
        'The corrected message was written to ride_details as a new message, with a new offset, and it was decided. The broken one stays where it is: a log is not edited.',
    },
  ],
  explanation: [
    'If no retry can ever succeed, the message becomes a dead letter: it is parked on the dead-letter topic of its reader.',
    'An error that may pass makes the partition wait and try again, so that the order is kept.',
    'A replay writes the message again, and so it may come after messages that were behind it.',
  ],
  code: {
    path: 'shared/src/kafka/consuming/handle-message.ts',
    does: 'It tells a value that can never be processed from an error that may pass.',
  },
  notes: {
    before: 'Ask what happens to the messages behind it on the same partition if the reader tries for ever.',
    after: 'Open “Dead letters” and read the reason aloud. It names the field and what is accepted.',
    misunderstanding:
      'Many put every failure on a dead-letter topic. A mail server that is away for a minute would then fill it with good messages.',
  },
};
