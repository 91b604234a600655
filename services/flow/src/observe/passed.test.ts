import { expect, test } from '@jest/globals';
import { Passed } from './passed.ts';

test('an offset is passed when the committed place is behind it', () => {
  const passed = new Passed();
  for (const offset of [0, 1, 3, 4]) passed.add(offset);
  passed.moveTo(1);
  expect(passed.count).toBe(1);
  passed.moveTo(4);
  expect(passed.count).toBe(3);
});

test('what is seen after the place went by is passed at once', () => {
  const passed = new Passed();
  passed.moveTo(10);
  passed.add(9);
  passed.add(10);
  expect(passed.count).toBe(1);
});

test('a place that goes back counts nothing twice', () => {
  const passed = new Passed();
  for (let offset = 0; offset < 5000; offset++) passed.add(offset);
  passed.moveTo(4000);
  passed.moveTo(0);
  passed.moveTo(5000);
  expect(passed.count).toBe(5000);
});
