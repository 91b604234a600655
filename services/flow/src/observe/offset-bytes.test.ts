import { expect, test } from '@jest/globals';
import { OffsetBytes } from './offset-bytes.ts';

test('a byte is kept for each offset, and what was never set is 0', () => {
  const bytes = new OffsetBytes();
  bytes.set(5, 3);
  bytes.set(1_000_000, 7);
  expect([bytes.get(5), bytes.get(6), bytes.get(1_000_000)]).toEqual([3, 0, 7]);
});

test('what lies in a page below the floor is forgotten, and stays so', () => {
  const bytes = new OffsetBytes();
  for (const offset of [0, 4095, 4096, 9000]) bytes.set(offset, 1);
  bytes.forgetBelow(8192);
  bytes.set(0, 1);
  expect([0, 4095, 4096, 9000].map((offset) => bytes.get(offset))).toEqual([0, 0, 0, 1]);
});

test('offsets of a page that is not whole below the floor are kept', () => {
  const bytes = new OffsetBytes();
  bytes.set(10, 1);
  bytes.forgetBelow(4095);
  expect(bytes.get(10)).toBe(1);
});
