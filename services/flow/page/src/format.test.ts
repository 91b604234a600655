import { expect, test } from '@jest/globals';
import { ago, count, duration, listed, plural, shortId, span } from './format.ts';

test('thousands are grouped by a thin space', () => {
  expect(count(1204)).toBe('1\u202f204');
  expect(plural(1, 'message')).toBe('1 message');
  expect(plural(50_000, 'message')).toBe('50\u202f000 messages');
});

test('how long ago is told in the largest whole unit', () => {
  expect([0, 3200, 125_000, 7_300_000].map(ago)).toEqual(['just now', '3 s ago', '2 min ago', '2 h ago']);
  expect(span(-5)).toBe('0 s');
});

test('a short time keeps its fraction, a long one does not', () => {
  expect([0.42, 12, 999, 1300, 240_000].map(duration)).toEqual([
    '0.4 ms',
    '12 ms',
    '999 ms',
    '1.3 s',
    '4 min',
  ]);
});

test('a long id is told by its end, where ids of one moment differ', () => {
  expect(shortId('01980c5e-8f6a-7c3b-9d2e-1f2a3b4c7f3a')).toBe('7f3a');
  expect(shortId('17')).toBe('17');
});

test('a list ends with and', () => {
  expect([listed([]), listed([1]), listed([0, 2]), listed([0, 1, 2])]).toEqual([
    '',
    '1',
    '0 and 2',
    '0, 1 and 2',
  ]);
});
