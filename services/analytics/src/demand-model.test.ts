import { expect, test } from '@jest/globals';
import { createDemandModel, grace } from './demand-model.ts';
import { noon } from './fixtures.ts';
import { limits, minute } from './statistics.ts';

/** A model with this many rides in the minutes from noon on; it is asked when the last of them is finished. */
function modelOf(counts: number[], season = 4) {
  const model = createDemandModel(season, () => noon + counts.length * minute + grace);
  for (const [i, count] of counts.entries()) model.observe({ at: noon + i * minute + 1234 }, count);
  return model;
}
const at = (index: number) => new Date(noon + index * minute).toISOString();

test('without two finished minutes there is no forecast, and the state says so', () => {
  expect(createDemandModel(60, () => noon).forecast()).toMatchObject({
    coming: [],
    past: [],
    error: null,
    state: 'It needs two complete minutes.',
  });
});

test('the coming minutes begin with the one that now runs', () => {
  const { coming } = modelOf([3, 3, 3]).forecast();
  expect(coming).toHaveLength(15);
  expect(coming[0]).toEqual({ start: at(3), rides: 3 });
  expect(coming[14]?.start).toBe(at(17));
});

test('after two seasons, the forecast has the season, and its error is measured', () => {
  const wave = [2, 8, 2, 0];
  const { coming, error, state } = modelOf([...wave, ...wave, ...wave]).forecast();
  expect(coming.slice(0, 4).map(({ rides }) => rides)).toEqual(wave);
  expect(state).toMatch(/season from 12 complete minutes/);
  expect(error?.relative_mae).toBeLessThan(1);
});

test('minutes without a ride are minutes with 0 rides, up to now', () => {
  const model = createDemandModel(4, () => noon + 60 * minute + grace);
  model.observe({ at: noon }, 100);
  expect(model.forecast().coming[0]?.rides).toBe(0);
});

test('a minute counts once it has been over for the time of grace', () => {
  let now = noon + 2 * minute + grace - 1;
  const model = createDemandModel(4, () => now);
  model.observe({ at: noon });
  expect(model.forecast().coming).toEqual([]);
  now++;
  expect(model.forecast().coming[0]?.start).toBe(at(2));
});

test('a ride that comes late, or in another order, leads to the same forecast as in time', () => {
  const inTime = createDemandModel(4, () => noon + 30 * minute);
  const late = createDemandModel(4, () => noon + 30 * minute);
  const rides = Array.from({ length: 200 }, (_, i) => ({ at: noon + ((i * 37) % 28) * minute }));
  for (const ride of rides) inTime.observe(ride);
  late.forecast();
  for (const [i, ride] of rides.toReversed().entries()) {
    late.observe(ride);
    if (i % 50 === 0) late.forecast();
  }
  expect(late.forecast()).toEqual(inTime.forecast());
});

test('the kept minutes are bounded, and an older ride changes nothing', () => {
  const model = modelOf(Array.from({ length: 3 * limits.minutes }, (_, i) => i % 4));
  const before = model.forecast();
  expect(before.state).toMatch(new RegExp(`from ${limits.minutes} complete minutes`));
  model.observe({ at: noon }, 1000);
  expect(model.forecast()).toEqual(before);
});
