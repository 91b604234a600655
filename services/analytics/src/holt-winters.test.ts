import { expect, test } from '@jest/globals';
import { measure, smoothing } from './demand-model.ts';
import { holtWinters } from './holt-winters.ts';

/** Random numbers from a seed (mulberry32), so that a series is the same in every run. */
function randomFrom(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
/** Rides that happen by chance, `mean` of them on average (Knuth's way to a Poisson number). */
function poisson(mean: number, random: () => number) {
  let n = 0;
  for (let p = random(); p > Math.exp(-mean); p *= random()) n++;
  return n;
}

const season = 60;
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const seasonalSeries = (seed: number) => {
  const random = randomFrom(seed);
  return Array.from({ length: 12 * season }, (_, t) =>
    poisson(30 + 20 * Math.sin((2 * Math.PI * t) / season), random),
  );
};
const randomWalk = (seed: number) => {
  const random = randomFrom(seed);
  let value = 100;
  return Array.from({ length: 12 * season }, () => {
    value = Math.max(0, value + Math.round(8 * random() - 4));
    return value;
  });
};
const sameAsBefore = (series: number[]) => series.map((_, t) => (t ? (series[t - 1] ?? 0) : null));
const relative = (series: number[], oneStep: (number | null)[]) =>
  measure(series, oneStep)?.relative_mae ?? Number.NaN;
const model = (series: number[]) => holtWinters(series, { season, ...smoothing }).oneStep;
const withoutSeason = (series: number[]) =>
  holtWinters(series, { season: series.length, ...smoothing }).oneStep;
const clearlyBetter = 0.93;
const clearlyWorse = 1.2;

test('for seasonal demand, the forecast beats "same as the last minute" with any seed', () => {
  for (const seed of seeds) {
    const series = seasonalSeries(seed);
    expect(relative(series, model(series))).toBeLessThan(clearlyBetter);
  }
});

test('the same yardstick finds "same as the last minute" no better than itself', () => {
  for (const seed of seeds) {
    const series = seasonalSeries(seed);
    expect(relative(series, sameAsBefore(series))).toBe(1);
  }
});

test('it is the season that helps: smoothing without one is off by more', () => {
  for (const seed of seeds) {
    const series = seasonalSeries(seed);
    expect(relative(series, model(series))).toBeLessThan(relative(series, withoutSeason(series)));
  }
});

test('for a random walk, where only the last minute helps, the forecast is worse', () => {
  for (const seed of seeds) {
    const series = randomWalk(seed);
    expect(relative(series, model(series))).toBeGreaterThan(clearlyWorse);
  }
});

test('a season without chance in it is forecast exactly, many steps ahead', () => {
  const value = (t: number) => 10 + 3 * (t % 4);
  const fit = holtWinters(
    Array.from({ length: 40 }, (_, t) => value(t)),
    { season: 4, ...smoothing },
  );
  for (let h = 1; h <= 9; h++) expect(fit.ahead(h)).toBeCloseTo(value(39 + h), 6);
});

test('a steady rise on top of a season is forecast exactly', () => {
  const value = (t: number) => 10 + 0.5 * t + 3 * (t % 4);
  const fit = holtWinters(
    Array.from({ length: 40 }, (_, t) => value(t)),
    { season: 4, ...smoothing },
  );
  for (let h = 1; h <= 9; h++) expect(fit.ahead(h)).toBeCloseTo(value(39 + h), 6);
});

test('a forecast knows nothing of the minute it is for', () => {
  const series = seasonalSeries(1);
  for (const t of [1, 60, 119, 120, 121, 400]) {
    const changed = series.with(t, 1_000_000);
    expect(model(changed)[t]).toBe(model(series)[t]);
    expect(model(changed)[t + 1]).not.toBe(model(series)[t + 1]);
  }
});

test('demand is never forecast below nothing', () => {
  const falling = Array.from({ length: 120 }, (_, t) => Math.max(0, 90 - t));
  const fit = holtWinters(falling, { season: 30, ...smoothing });
  for (let h = 1; h <= 60; h++) expect(fit.ahead(h)).toBeGreaterThanOrEqual(0);
});
