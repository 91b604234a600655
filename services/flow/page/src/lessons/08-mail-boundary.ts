import { book, dieAt } from '../teaching/actions.ts';
import type { Lesson } from '../teaching/lesson.ts';
import { isServed } from '../teaching/signs.ts';

export const lesson: Lesson = {
  title: 'The mail boundary',
  needs: ['mailbox'],
  question:
    'The mail server has taken the mail. email dies before it commits its offset. How many mails does the customer get?',
  choices: ['None', 'One, because Kafka works exactly once', 'Two'],
  answer: 2,
  acts: [
    {
      press: 'Book a ride, and let email die after the mail',
      does: [dieAt('email', 'after-mail'), book()],
      awaits: 'the second copy of the mail in the mailbox',
      until: ({ now, before }) =>
        (now.totals.repeated ?? 0) > (before.totals.repeated ?? 0) && isServed(now, 'email'),
      shows:
        'The mailbox has the mail twice, with the same Message-ID. The process that came next started at the committed offset, in front of the decision that was mailed already.',
    },
  ],
  explanation: [
    'A mail server takes part in no Kafka transaction, so Kafka’s exactly once ends here.',
    'email commits its offset after the mail server has taken the mail, so a crash in between repeats a mail and loses none.',
    'Both copies have the same Message-ID, by which the receiver’s side can recognise the repeat.',
  ],
  code: {
    path: 'services/email/src/mail.ts',
    does: 'It makes the Message-ID from the decision, so that a repeat has the same one.',
  },
  notes: {
    before: 'Ask who would have to be part of the transaction so that the mail is sent exactly once.',
    after:
      'Open the mailbox and look at both copies. Ask the class for other such boundaries: a payment, a printer, a text message.',
    misunderstanding:
      'Many expect that a better client library closes the gap. Two systems without a common transaction always leave it.',
  },
};
