import { domainToUnicode } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { accepts } from './accepts.ts';
import * as examples from './documents/examples.ts';
import { isAddress, toAsciiAddress, toAsciiDomain, whyNoAddress } from './email-address.ts';
import { RideDetails, RideRequest } from './messages.ts';

const atext = fc.constantFrom(
  ...'abcXYZ0123456789', // more often than the signs
  ..."!#$%&'*+-/=?^_`{|}~",
);
const words = (unit: fc.Arbitrary<string>) => fc.string({ unit, minLength: 1, maxLength: 12 });
const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?$/);
const joined = (parts: fc.Arbitrary<string>) =>
  fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => all.join('.'));
const dotAtom = joined(words(atext)).filter((name) => !name.includes('=?'));

test('everything that RFC 5321 (dot-atom) and HTML accept, without =?, is an address, also in a message', () => {
  fc.assert(
    fc.property(dotAtom, joined(label), (name, domain) => {
      const address = `${name}@${domain}`;
      expect(z.regexes.html5Email.test(address)).toBe(true);
      expect(isAddress(address)).toBe(true);
      expect(toAsciiAddress(address)).toBe(address);
      expect(accepts(RideDetails, { ...examples.ride, customer_email: address })).toBe(true);
      expect(accepts(RideRequest, { ...examples.request, customer_email: address })).toBe(true);
    }),
  );
});

test('nothing is an address that HTML does not accept, nor two dots in a row, nor an encoded word', () => {
  const nearly = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'a=?@.') }),
    fc.string({ unit: fc.constantFrom(...'a0.@-_ "<>()[]\\,;:\r\n\t\0é。＠') }),
    fc
      .tuple(dotAtom, fc.string({ unit: fc.constantFrom(...'a0.-_é。ßж＠／\r\n'), maxLength: 70 }))
      .map(([n, d]) => `${n}@${d}`),
  );
  fc.assert(
    fc.property(nearly, (text) => {
      const address = toAsciiAddress(text);
      if (!isAddress(address)) {
        expect(whyNoAddress(text)).toMatch(/^must be an e-mail address such as user_1@example\.com: \S/);
        expect(whyNoAddress(text)).not.toMatch(/\p{Cc}/u);
        return;
      }
      expect(address).toMatch(z.regexes.html5Email);
      expect(address).toMatch(/^[!-~]+$/);
      expect(address).not.toMatch(/^\.|\.\.|\.@|=\?/);
      expect(address.split('@')[0]).toBe(text.split('@')[0]);
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['info@пример.рф', 'info@xn--e1afmkfd.xn--p1ai'],
  ['info@xn--e1afmkfd.xn--p1ai', 'info@xn--e1afmkfd.xn--p1ai'],
  ['a@例え。テスト', 'a@xn--r8jz45g.xn--zckzah'],
  ['a@faß.de', 'a@xn--fa-hia.de'],
  ['a@Bücher.Example', 'a@xn--bcher-kva.example'],
  ["o'neil+tag/x=y@Example.com", "o'neil+tag/x=y@Example.com"],
  ['root@localhost', 'root@localhost'],
  ['?=a==b??=.=.?@example.com', '?=a==b??=.=.?@example.com'],
])('%s is the address %s', (text, address) => {
  expect(toAsciiAddress(text)).toBe(address);
  expect(isAddress(address)).toBe(true);
});

test('a domain in its own script means the same as its ASCII form', () => {
  const script = fc.constantFrom(...'äöüéñçжпримерфλόγοςあいう한국中文');
  fc.assert(
    fc.property(joined(words(script)), (domain) => {
      const ascii = toAsciiDomain(domain);
      expect(ascii).toMatch(/^[a-z0-9.-]+$/);
      expect(toAsciiDomain(domainToUnicode(ascii as string))).toBe(ascii);
    }),
  );
});

describe('a rejected address says why:', () => {
  test.each([
    ['nobody', 'it has no @'],
    ['a@b@c', 'it has more than one @'],
    ['@example.com', 'there is nothing before the @'],
    ['a@', 'there is nothing after the @'],
    ['a b@example.com', '" " is not allowed before the @'],
    ['a\r\nBcc: b@example.com', '"\\r" is not allowed before the @'],
    ['"a"@example.com', '"\\"" is not allowed before the @'],
    [
      'юзер@example.com',
      '"ю" is not allowed before the @, because only ASCII letters, digits and signs reach every mail server',
    ],
    [
      '=?utf-8?q?a=0aBcc?=@example.com',
      '=? before the @ would start an encoded word in the header of the mail',
    ],
    ['a..b@example.com', 'a dot before the @ must be between two other characters'],
    ['.a@example.com', 'a dot before the @ must be between two other characters'],
    ['a@exa_mple.com', '"exa_mple.com" after the @ is not a domain name'],
    ['a@[127.0.0.1]', '"[127.0.0.1]" after the @ is not a domain name'],
    ['a@-example.com', '"-example.com" after the @ is not a domain name'],
    ['a@пример.рф/evil', '"пример.рф/evil" after the @ is not a domain name'],
    ['a@пример.рф:80', '"пример.рф:80" after the @ is not a domain name'],
    ['a@é\r\nBcc: x', '"é\\r\\nBcc: x" after the @ is not a domain name'],
    [`a@${'é'.repeat(60)}.com`, `"${'é'.repeat(60)}.com" after the @ is not a domain name`],
    [`${'a'.repeat(250)}@b.com`, 'it has more than 254 characters'],
    [`a@${'éééééééééé.'.repeat(15)}com`, 'it has more than 254 characters with its domain in ASCII'],
  ])('%j', (text, why) => {
    expect(isAddress(toAsciiAddress(text))).toBe(false);
    expect(whyNoAddress(text)).toBe(`must be an e-mail address such as user_1@example.com: ${why}`);
  });
});

// Where the time grew with the square of the length, this would take longer than a test may.
test('a megabyte instead of an address is rejected', () => {
  const letters = Array.from({ length: 300_000 }, (_, n) => String.fromCharCode(0x400 + (n % 0x9000))).join(
    '',
  );
  for (const text of [
    `a@${letters}`,
    `a@${'é.'.repeat(500_000)}`,
    `${'a.'.repeat(500_000)}@`,
    'a@'.repeat(500_000),
    ...['=a?', '=', '?', '=?', 'a=', '?a'].map((part) => part.repeat(300_000)),
  ]) {
    expect(isAddress(toAsciiAddress(text))).toBe(false);
    expect(whyNoAddress(text).length).toBeLessThan(200);
  }
});
