import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import { mailFor } from './mail.ts';
import { inOnePiece } from './one-piece.ts';

const compose = (text: string, reason: string) => {
  const ride = {
    id: 'ride-1',
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
  const mail = mailFor(ride, 'identity', { name: 'Rideflow', address: 'rides@rideflow.example' });
  return new MailComposer({ ...mail, baseBoundary: 'boundary', newline: 'windows' }).compile();
};

// In letters of one byte and of several, and long enough for every encoding and for wrapped lines.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
  fc.constantFrom('été à Zürich', '東京都'.repeat(40), '--boundary--', '.', '\r\n.\r\n', '=3D='.repeat(40)),
);

test('a mail in one piece is, byte for byte, the mail that nodemailer streams', async () => {
  const encodings = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyText, anyText, async (text, reason) => {
      const streamed = (await compose(text, reason).build()).toString();
      const whole = inOnePiece(compose(text, reason)).replace(/\r?\n/g, '\r\n'); // as it is done on the way out
      for (const [, name = ''] of whole.matchAll(/Content-Transfer-Encoding: (\S+)/g)) encodings.add(name);
      expect(whole).toBe(streamed);
    }),
    { numRuns: 300 },
  );
  expect([...encodings].sort()).toEqual(['7bit', 'base64', 'quoted-printable']);
});
