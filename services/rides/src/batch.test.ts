import { expect, test } from '@jest/globals';
import { readArray, readLines } from './batch.ts';

test('lines are read one by one: blank ones are passed over, a wrong one spoils no other', () => {
  const items = readLines('{"a":1}\r\n\n{bad\n[2]\n');
  expect(items.map((item) => ('body' in item ? item.body : item.problem.status))).toEqual([
    { a: 1 },
    400,
    [2],
  ]);
});

test('an array is read as a whole', () => {
  expect(readArray('[{"a":1},null]')).toEqual([{ body: { a: 1 } }, { body: null }]);
  expect(() => readArray('{"a":1}')).toThrow(/must be an array/);
  expect(() => readArray('[{')).toThrow(/not JSON/);
});

test('nothing and too much are refused with the limit', () => {
  expect(() => readLines('\n \n')).toThrow(/must have 1 to 1000/);
  expect(() => readArray('[]')).toThrow(/must have 1 to 1000/);
  expect(() => readLines('1\n'.repeat(1001))).toThrow(/1001 rides/);
  expect(readLines('1\n'.repeat(1000))).toHaveLength(1000);
});
