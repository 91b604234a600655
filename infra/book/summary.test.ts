import { expect, test } from '@jest/globals';
import { quantile, Summary } from './summary.ts';

test('the summary counts accepted rides and groups rejections by reason', () => {
  const summary = new Summary();
  for (let i = 1; i <= 100; i++) {
    summary.add({ accepted: true, reason: '', milliseconds: i, attempts: i === 1 ? 3 : 1 });
  }
  for (const reason of ['400 b', '400 a', '400 b']) {
    summary.add({ accepted: false, reason, milliseconds: null, attempts: 1 });
  }
  expect(summary.text(110, 10)).toBe(`103 of 110 rides in 10.0 s (10.3 per second)
  accepted     100
  refused      3
    2 × 400 b
    1 × 400 a
  not answered 7
  retried      2 requests, none booked twice
  answer time  p50 50 ms, p99 99 ms, longest 100 ms`);
});

test('without any answer there is no answer time', () => {
  expect(new Summary().text(5, 0)).toBe(`0 of 5 rides in 0.0 s (0.0 per second)
  accepted     0
  refused      0
  not answered 5`);
});

test('a quantile is the nearest rank', () => {
  expect([quantile([1, 2, 3, 4], 0.5), quantile([1], 0.99), quantile([1, 2], 1)]).toEqual([2, 1, 2]);
});
