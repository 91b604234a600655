import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseKey } from './idempotency.ts';

test.each([
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"with space"', 'with space'],
  [String.raw`"a \"quoted\" \\ key"`, String.raw`a "quoted" \ key`],
  ['"key";v=1; note="x"', 'key'],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
])('%s is a key', (header, key) => {
  expect(parseKey(header)).toBe(key);
});

test.each([
  '',
  '""',
  '"open',
  'two words',
  '"a", "b"',
  'a, b',
  '"tab\there"',
  '"schlüssel"',
  `"${'k'.repeat(256)}"`,
])('%j is rejected with what is accepted', (header) => {
  expect(() => parseKey(header)).toThrow(/1 to 255 printable ASCII/);
});

test('without a header there is no key', () => {
  expect(parseKey(undefined)).toBeUndefined();
});

test('every printable text survives the quotes', () => {
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((n) => String.fromCharCode(n)),
    minLength: 1,
    maxLength: 255,
  });
  fc.assert(
    fc.property(printable, (key) => {
      expect(parseKey(`"${key.replace(/["\\]/g, '\\$&')}"`)).toBe(key);
    }),
  );
});
