import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { accepts } from './accepts.ts';
import * as examples from './documents/examples.ts';
import { RideConfirmed, RideDetails, RideRequest } from './messages.ts';

const details = { ...examples.ride, payment_token: 'tok_ok' };
const { id: _id, requested_at: _time, ...asked } = details;
const confirmed = examples.confirmed;
const rejected = { ...examples.rejected, location: null };

test.each([
  ['what a customer sends', RideRequest, asked],
  ['a request', RideDetails, details],
  [
    'a request without a place or a token',
    RideDetails,
    { ...details, location: null, payment_token: undefined },
  ],
  ['a confirmation', RideConfirmed, confirmed],
  ['a rejection', RideConfirmed, rejected],
])('%s is accepted without zod', (_what, schema, message) => {
  expect(accepts<unknown>(schema, message)).toBe(true);
});

const odd = fc.oneof(
  fc.anything(),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.constantFrom(
    '\u{1f695}'.repeat(65),
    'a..b@example.com',
    '2026-02-29T12:00:00Z',
    '2026-01-01',
    '12 mins',
    '',
  ),
  fc.double(),
  fc.constantFrom(-90, 90.0001, 180, Number.NaN, Number.POSITIVE_INFINITY, 9999, 10_000, 1.5),
);
const place = fc.record({ lat: fc.oneof(fc.double({ min: -91, max: 91 }), odd), long: odd });

test.each([
  ['what a customer sends', RideRequest, asked],
  ['a request', RideDetails, details],
  ['a confirmation', RideConfirmed, confirmed],
  ['a rejection', RideConfirmed, rejected],
] as const)(
  'after any change of %s: zod accepts everything that is accepted without it, and returns it unchanged',
  (_what, schema, message) => {
    const field = fc.constantFrom(...Object.keys(message), 'extra', '__proto__');
    const change = fc.array(fc.tuple(field, fc.oneof(odd, place)), { maxLength: 2 });
    const removed = fc.option(field);
    fc.assert(
      fc.property(change, removed, (change, removed) => {
        const changed: Record<string, unknown> = Object.fromEntries([...Object.entries(message), ...change]);
        if (removed !== null) delete changed[removed];
        if (!accepts<unknown>(schema, changed)) return;
        expect(schema.safeParse(changed)).toEqual({ success: true, data: changed });
      }),
      { numRuns: 2000 },
    );
  },
);

test('a schema that JSON Schema cannot express completely is rejected', () => {
  expect(() => accepts(z.strictObject({ a: z.string().refine((a) => a === 'b') }), { a: 'c' })).toThrow(
    'refinements',
  );
  expect(() => accepts(z.object({ a: z.string() }), { a: 'c', b: 1 })).toThrow('strict objects');
});
