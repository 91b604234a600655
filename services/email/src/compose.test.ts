import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import { compose } from './compose.ts';
import { mailFor } from './mail.ts';

const mailWith = (id: string, text: string, reason: string, sender: string) => {
  const ride = {
    id,
    customer_id: text,
    customer_email: 'user_1@example.com',
    location: null,
    status: 'rejected' as const,
    payment_status: 'declined' as const,
    alloted_driver: null,
    pickup_time: null,
    pickup_minutes: null,
    reason,
    requested_at: '2026-01-01T12:00:00Z',
    decided_at: '2026-01-01T12:00:01Z',
  };
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const mail = mailFor(ride, 'identity', { name: sender, address: 'rides@rideflow.example' }, traceparent);
  return { ...mail, subject: `${mail.subject} ${text}` };
};

// In letters of one byte and of several, and long enough for every encoding and for wrapped lines.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
  fc.constantFrom(
    '',
    'été à Zürich',
    '東京都'.repeat(40),
    '--boundary--',
    '.',
    '\r\n.\r\n',
    '=3D='.repeat(40),
  ),
);

test('a composed mail is, byte for byte, the mail that nodemailer streams', async () => {
  const encodings = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyText, anyText, anyText, anyText, async (...texts) => {
      const mail = mailWith(...texts);
      const options = { ...mail, baseBoundary: 'boundary', newline: 'windows' };
      const streamed = (await new MailComposer(options).compile().build()).toString();
      const composed = compose(mail, '--_NmP-boundary-Part_1').replace(/\r?\n/g, '\r\n'); // as it is done on the way out
      for (const [, name = ''] of composed.matchAll(/Content-Transfer-Encoding: (\S+)/g)) encodings.add(name);
      expect(composed).toBe(streamed);
    }),
    { numRuns: 300 },
  );
  expect([...encodings].sort()).toEqual(['7bit', 'base64', 'quoted-printable']);
});
