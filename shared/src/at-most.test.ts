import { expect, test } from '@jest/globals';
import { atMost } from './at-most.ts';

test('what ends in time is waited for, and what does not is left alone', async () => {
  expect(await atMost(60_000, Promise.resolve('done'))).toBe(true);
  expect(await atMost(1, new Promise(() => {}))).toBe(false);
  await expect(atMost(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('a failure after the wait is ignored', async () => {
  const late = Promise.withResolvers<void>();
  expect(await atMost(1, late.promise)).toBe(false);
  late.reject(new Error('too late')); // an unhandled rejection would end a service with 1
  await new Promise(setImmediate);
});
