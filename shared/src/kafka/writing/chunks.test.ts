import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunks } from './chunks.ts';

const cut = (sizes: number[], items: number, bytes: number) => [
  ...chunks(sizes, (size) => size, { items, bytes }),
];

test.each([
  [[], []],
  [[3, 3, 4], [[3, 3, 4]]],
  [
    [3, 3, 5],
    [[3, 3], [5]],
  ],
  [
    [1, 11, 1],
    [[1], [11], [1]],
  ],
  [
    [1, 1, 1, 1, 1],
    [[1, 1, 1, 1], [1]],
  ],
])('%j becomes %j', (sizes, expected) => {
  expect(cut(sizes, 4, 10)).toEqual(expected);
});

test('nothing is lost or moved, and no chunk is larger than allowed unless it is one item', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 5 }), (sizes, items) => {
      const all = cut(sizes, items, 15);
      expect(all.flat()).toEqual(sizes);
      for (const chunk of all) {
        expect(chunk.length).toBeLessThanOrEqual(items);
        if (chunk.length > 1) expect(chunk.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(15);
      }
    }),
  );
});
