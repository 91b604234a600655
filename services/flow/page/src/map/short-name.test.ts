import { expect, test } from '@jest/globals';
import { shortName } from './short-name.ts';

test.each([
  ['user_1', 'u1'],
  ['user_17', 'u17'],
  ['user_1234', '1234'],
  ['user_123456', '3456'],
  ['alice', 'ali'],
  ['42', '42'],
  ['x', 'x'],
])('the customer %s is %s below a mark', (customer, short) => {
  expect(shortName(customer)).toBe(short);
});
