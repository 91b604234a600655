import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from '@jest/globals';
import { collectAfterStart } from './garbage-collection.ts';

const young = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;

test('a young generation that the start has made large is small again', () => {
  const kept = Array.from({ length: 1_000_000 }, (_, i) => ({ i }));
  const before = young();
  expect(kept).toHaveLength(1_000_000);
  collectAfterStart();
  expect(young()).toBeLessThan(before / 2);
});
