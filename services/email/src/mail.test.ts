import { describe, expect, test } from '@jest/globals';
import { Unprocessable } from '@rideflow/shared/errors.ts';
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import { read } from '@rideflow/shared/reading.ts';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { compose } from './compose.ts';
import { mailFor, messageId } from './mail.ts';

const from = { name: 'Rideflow', address: 'rides@rideflow.example' };
const confirmed: RideConfirmed = {
  id: '0198c0de-0000-7000-8000-000000000001',
  customer_id: 'user_1',
  customer_email: 'user_1@example.com',
  location: { lat: 12.97, long: 77.59 },
  status: 'confirmed',
  payment_status: 'paid',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
  pickup_minutes: 12,
  reason: null,
  requested_at: '2026-01-01T12:00:00.000Z',
  decided_at: '2026-01-01T12:00:01.000Z',
};
const rejected: RideConfirmed = {
  ...confirmed,
  status: 'rejected',
  payment_status: 'declined',
  alloted_driver: null,
  pickup_time: null,
  pickup_minutes: null,
  reason: 'the card was declined <b>by "us" & others</b>',
};

/** The mail as it goes over the wire, and as a mailbox understands it. */
async function delivered(ride: RideConfirmed, identity = 'ride_confirmed/0/1') {
  const raw = compose(mailFor(ride, identity, from), 'c7f5d1e0').replace(/\r\n|\r|\n/g, '\r\n'); // as nodemailer does
  return { raw, parsed: await PostalMime.parse(raw) };
}

/** Names of the header fields of the mail itself, as RFC 5322 reads them. */
const fieldNames = (raw: string) =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .split(/\r\n(?![ \t])/)
    .map((field) => field.slice(0, field.indexOf(':')));

describe('a confirmed ride', () => {
  test('names the driver, the pickup and the ride in both forms of the mail', async () => {
    const { parsed } = await delivered(confirmed);
    expect(parsed.subject).toBe('Your ride is confirmed: driver_4, in 12 minutes');
    for (const body of [parsed.text, parsed.html]) {
      expect(body).toContain('driver_4 picks you up in 12 minutes.');
      expect(body).toContain('12.97, 77.59');
      expect(body).toContain('2026-01-01 12:00 UTC');
      expect(body).toContain(confirmed.id);
    }
    expect(parsed.to).toEqual([{ name: '', address: 'user_1@example.com' }]);
    expect(parsed.from).toEqual(from);
  });

  test.each([
    [0, 'now'],
    [1, 'in 1 minute'],
    [2, 'in 2 minutes'],
  ])('says a pickup after %d minutes in plain English', (pickup_minutes, words) => {
    const mail = mailFor({ ...confirmed, pickup_minutes }, 'x', from);
    expect(mail.text).toContain(`picks you up ${words}.`);
  });

  test.each([
    [{ lat: -5e-5, long: 1e-7 }, '-0.00005, 0'],
    [{ lat: -1e-7, long: 77.59161234567 }, '0, 77.591612'],
    [{ lat: 90, long: -180 }, '90, -180'],
  ])('names the place in digits that a person reads: %j', (location, words) => {
    expect(mailFor({ ...confirmed, location }, 'x', from).text).toMatch(new RegExp(`Place: +${words}\n`));
  });

  test('says so when a foreign writer set no location', () => {
    expect(mailFor({ ...confirmed, location: null }, 'x', from).text).toMatch(/Place: +not given/);
  });
});

test('a rejected ride shows the reason, escaped in HTML and unchanged in text', async () => {
  const { parsed } = await delivered(rejected);
  expect(parsed.subject).toBe('Your ride could not be confirmed');
  expect(parsed.text).toContain('the card was declined <b>by "us" & others</b>');
  expect(parsed.html).toContain('the card was declined &#60;b&#62;by &#34;us&#34; &#38; others&#60;/b&#62;');
});

test('automatic responders do not answer (RFC 3834), and a header identifies the ride', async () => {
  const { parsed } = await delivered(confirmed);
  const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
  expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-ride-id': confirmed.id });
});

test('the trace goes on in a header, and a text that is no trace context is left out', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headersWith = (text?: string) => mailFor(confirmed, 'a', from, text).headers;
  expect(headersWith(traceparent)).toMatchObject({ Traceparent: traceparent });
  for (const text of [undefined, 'hello', `${traceparent}\r\nBcc: all@example.com`])
    expect(headersWith(text)).not.toHaveProperty('Traceparent');
});

test('a repeat of a message carries the same Message-ID and Date, another message another Message-ID', async () => {
  const [first, repeat, other] = await Promise.all([
    delivered(confirmed, 'a'),
    delivered(confirmed, 'a'),
    delivered(confirmed, 'b'),
  ]);
  expect(repeat.parsed.messageId).toBe(first.parsed.messageId);
  expect(first.parsed.date).toBe('2026-01-01T12:00:01.000Z');
  expect(repeat.parsed.date).toBe(first.parsed.date);
  expect(other.parsed.messageId).not.toBe(first.parsed.messageId);
});

// Anything a foreign writer may put into a message, line breaks and header look-alikes among it.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    'x\r\nBcc: thief@example.com',
    'x\nBcc: a@b.c\n\n<script>',
    '=?utf-8?Q?=0D=0ABcc:_a?=',
    '\r\n\r\n.\r\n',
  ),
);

test('any identity makes a legal msg-id (RFC 5322)', () => {
  fc.assert(
    fc.property(anyText, (identity) => {
      expect(messageId(identity, from)).toMatch(/^<[0-9a-f]{32}@rideflow\.example>$/);
    }),
  );
});

test('nothing that a message says can add a header, a body part or a tag', async () => {
  const expected = fieldNames((await delivered(confirmed)).raw);
  const tags = (html = '') => html.match(/<[a-z/!][^>]*>/gi)?.length;
  await fc.assert(
    fc.asyncProperty(anyText, anyText, anyText, anyText, async (id, customer_id, alloted_driver, reason) => {
      for (const sample of [confirmed, rejected]) {
        const ride = { ...sample, id: `r${id}`, customer_id, reason };
        if (sample.status === 'confirmed') ride.alloted_driver = alloted_driver;
        const { raw, parsed } = await delivered(ride, id);
        expect(fieldNames(raw)).toEqual(expected);
        expect(parsed.attachments).toEqual([]);
        expect(tags(parsed.html)).toBe(tags(mailFor(sample, 'x', from).html));
      }
    }),
    { numRuns: 100 },
  );
});

test('an address in a message is one address that gets one mail, or the message cannot be processed', async () => {
  const tricks = fc.constantFrom(
    'a@example.com\r\nBcc: thief@example.com',
    'a@example.com\nRCPT TO:<thief@example.com>',
    'a@example.com\r\nDATA\r\n',
    'a@example.com, thief@example.com',
    'a@example.com;thief@example.com',
    'a@example.com thief@example.com',
    '<thief@example.com>a@example.com',
    '"x" <thief@example.com>',
    '"thief@example.com\\ "@example.com',
    'team: a@example.com, thief@example.com;',
    'a@example.com\u0000@thief.example',
    'a@example.com\u2028Bcc: thief@example.com',
    'a%thief.example@example.com',
    'a@пример.рф',
    'a@пример.рф\r\nBcc: thief@example.com',
    'a@é／thief.example',
    'a@é＠thief.example',
    'thief!a@example.com',
    '=?utf-8?q?a=0d=0aBcc=3a_thief?=@example.com',
    '=?utf-8?q?thief=40example.com=3e?=@example.com',
  );
  const ordinary = fc.stringMatching(/^[a-z0-9_.+'!#$%&*/=?^`{|}~-]{1,12}@[a-z0-9-]{1,8}\.example$/);
  const accepted: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.oneof(tricks, ordinary, fc.emailAddress(), anyText), async (customer_email) => {
      const value = Buffer.from(JSON.stringify({ ...confirmed, customer_email }));
      let ride: RideConfirmed;
      try {
        ride = read('ride_confirmed', 0, { value, key: null, offset: '1', timestamp: '0' }).value;
      } catch (error) {
        expect(error).toBeInstanceOf(Unprocessable);
        return;
      }
      accepted.push(ride.customer_email);
      const { raw, parsed } = await delivered(ride);
      expect(ride.customer_email).toMatch(/^[^\s\p{Cc},;:<>()"\\]+@[A-Za-z0-9.-]+$/u);
      expect(parsed.to).toEqual([{ name: '', address: ride.customer_email }]);
      expect(fieldNames(raw).filter((name) => /^(to|cc|bcc)$/i.test(name))).toEqual(['To']);
    }),
    { numRuns: 300 },
  );
  expect(accepted.length).toBeGreaterThan(10);
});
