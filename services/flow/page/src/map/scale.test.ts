import { expect, test } from '@jest/globals';
import { Rate, Scale, wantedScale } from './scale.ts';

test('one mark is one offset as long as the lag fits and the eye can follow', () => {
  expect(wantedScale({ slots: 32, lag: 30, rate: 12 })).toBe(1);
});

test('a lag that does not fit compresses the lane until its reader is seen', () => {
  expect(wantedScale({ slots: 32, lag: 31, rate: 0 })).toBe(2);
  expect(wantedScale({ slots: 32, lag: 50_000, rate: 0 })).toBe(2000);
});

test('a lane too fast for the eye is compressed though nothing waits', () => {
  expect(wantedScale({ slots: 32, lag: 0, rate: 700 })).toBe(50);
});

test('a scale grows at once and shrinks only after calm', () => {
  const scale = new Scale();
  expect(scale.follow(50, 0)).toBe(true);
  expect(scale.follow(1, 100)).toBe(false);
  expect(scale.follow(50, 2000)).toBe(false);
  expect(scale.follow(1, 2100)).toBe(false);
  expect(scale.follow(1, 5099)).toBe(false);
  expect(scale.follow(1, 5100)).toBe(true);
  expect(scale.n).toBe(1);
});

test('a picture that is frozen has nothing to wait for: its scale shrinks at once', () => {
  const scale = new Scale();
  scale.follow(50, 0);
  expect(scale.follow(1, 100, true)).toBe(true);
  expect(scale.n).toBe(1);
});

test('a rate is learned within seconds and forgotten as fast', () => {
  const rate = new Rate();
  for (let second = 0; second <= 5; second++) rate.see(700 * second, 1000 * second);
  expect(rate.value).toBeGreaterThan(650);
  for (let second = 6; second <= 20; second++) rate.see(3500, 1000 * second);
  expect(rate.value).toBe(0);
});
