import { expect, test } from '@jest/globals';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { RideDetails } from '@rideflow/shared/messages.ts';
import fc from 'fast-check';
import { checkRequest, rideOf, sameRequest } from './booking.ts';
import { request } from './fixtures.ts';

const now = new Date('2026-01-01T12:00:00Z');

function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('no problem was found');
}

test('a request becomes a ride with the time and an address in the given domain', () => {
  expect(rideOf(checkRequest(request), 'id-1', now, 'rides.test')).toEqual({
    id: 'id-1',
    ...request,
    customer_email: 'user_1@rides.test',
    requested_at: '2026-01-01T12:00:00.000Z',
  });
});

test('every wrong field is named with what is accepted, and unknown ones too', () => {
  const body = JSON.parse(
    '{"customer_id":7,"location":{"lat":91,"a/b~c":0},"payment_token":"tok_gold","__proto__":{"lat":1}}',
  );
  expect(problemOf(() => checkRequest(body)).options.errors).toEqual([
    { pointer: '/customer_id', detail: 'must be text, not a number' },
    { pointer: '/location/lat', detail: 'must be at most 90' },
    { pointer: '/location/long', detail: 'is missing; must be a number' },
    { pointer: '/location/a~1b~0c', detail: 'is not a known field' },
    { pointer: '/payment_token', detail: 'must be one of tok_ok, tok_declined, tok_flaky' },
    { pointer: '/__proto__', detail: 'is not a known field' },
  ]);
});

test('a customer whose name makes no address has to give one', () => {
  const problem = problemOf(() => rideOf({ ...request, customer_id: 'a..b' }, 'id', now, 'example.com'));
  expect(problem.options.errors?.[0]?.pointer).toBe('/customer_email');
  const given = { ...request, customer_id: 'a..b', customer_email: 'ab@example.com' };
  expect(rideOf(given, 'id', now, 'example.com').customer_email).toBe('ab@example.com');
});

test('an address keeps what it was, its domain in ASCII', () => {
  const addressOf = (customer_email: string) =>
    rideOf(checkRequest({ ...request, customer_email }), 'id', now, 'example.com').customer_email;
  expect(addressOf('info@пример.рф')).toBe('info@xn--e1afmkfd.xn--p1ai');
  expect(addressOf("O'Neil/x@xn--e1afmkfd.xn--p1ai")).toBe("O'Neil/x@xn--e1afmkfd.xn--p1ai");
});

test.each([
  ['nobody', 'it has no @'],
  ['a..b@example.com', 'a dot before the @ must be between two other characters'],
  [`a@${'é'.repeat(60)}.com`, `"${'é'.repeat(60)}.com" after the @ is not a domain name`],
])('the address %s is refused with the reason', (customer_email, why) => {
  expect(
    problemOf(() => rideOf(checkRequest({ ...request, customer_email }), 'id', now, 'example.com')).options
      .errors,
  ).toEqual([
    { pointer: '/customer_email', detail: `must be an e-mail address such as user_1@example.com: ${why}` },
  ]);
});

test('every accepted request satisfies the strict schema of the message', () => {
  const bodies = fc.record(
    {
      customer_id: fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/),
      location: fc.record({ lat: fc.double(), long: fc.double() }),
      customer_email: fc.emailAddress(),
      payment_token: fc.constantFrom('tok_ok', 'tok_declined', 'tok_flaky'),
    },
    { requiredKeys: ['customer_id', 'location'] },
  );
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        const ride = rideOf(checkRequest(JSON.parse(JSON.stringify(body))), 'id', now, 'example.com');
        expect(RideDetails.safeParse(ride).success).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }),
    { numRuns: 300 },
  );
});

test('requests are equal regardless of ids and times; any other field makes them different', () => {
  const a = rideOf(request, '1', now, 'example.com');
  expect(
    sameRequest(a, rideOf({ ...request, customer_email: a.customer_email }, '2', new Date(), 'x.test')),
  ).toBe(true);
  expect(sameRequest(a, { ...a, location: { lat: 12.97, long: 77.6 } })).toBe(false);
  expect(sameRequest(a, { ...a, payment_token: 'tok_ok' })).toBe(false);
  expect(sameRequest(a, { ...a, customer_email: 'other@example.com' })).toBe(false);
});
