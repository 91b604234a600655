import { afterEach, expect, test } from '@jest/globals';
import { arm, crashPoint, parseTrigger } from './crash-points.ts';

let deaths = 0;
const die = () => void deaths++;
afterEach(() => {
  arm(null, die);
  deaths = 0;
});

test('an armed point kills on the requested message only', () => {
  arm(parseTrigger('after-mail:3'), die);
  for (const expected of [0, 0, 1, 1]) {
    crashPoint('after-commit');
    crashPoint('after-mail');
    expect(deaths).toBe(expected);
  }
});

test('nothing happens while nothing is armed', () => {
  arm(parseTrigger('after-mail'), die);
  arm(null, die);
  crashPoint('after-mail');
  expect(deaths).toBe(0);
});

test('at random means the same messages for the same seed, and about the requested share', () => {
  const passes = (text: string) => {
    arm(parseTrigger(text), die);
    return Array.from({ length: 1000 }, () => {
      const before = deaths;
      crashPoint('before-produce');
      return deaths > before;
    });
  };
  const first = passes('before-produce:10%:42');
  expect(passes('before-produce:10%:42')).toEqual(first);
  expect(passes('before-produce:10%:43')).not.toEqual(first);
  const share = first.filter(Boolean).length;
  expect(share).toBeGreaterThan(60);
  expect(share).toBeLessThan(140);
});

test.each(['', 'nowhere', 'after-mail:0', 'after-mail:x', 'after-mail:10%', 'toString', 'after-mail:-1'])(
  '%j is rejected with what is accepted',
  (text) => {
    expect(() => parseTrigger(text)).toThrow(/<point>:<n-th message>.*after-mail, mid-statistics/);
  },
);
