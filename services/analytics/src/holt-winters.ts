/**
 * Seasonal exponential smoothing, additive Holt-Winters: C. C. Holt, "Forecasting seasonals and trends by exponentially
 * weighted moving averages" (1957); P. R. Winters, "Forecasting sales by exponentially weighted moving averages" (1960). The
 * equations and their names are those of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., 8.1
 * (simple) and 8.3 (additive seasonal).
 */

export interface Smoothing {
  /** Values in one season, at least 2. */
  season: number;
  /** How fast the level, the trend and the season follow new values, each between 0 and 1. */
  alpha: number;
  beta: number;
  gamma: number;
}

export interface Fit {
  /** The one-step forecast for each value, from the values before it only; null if there is none. */
  oneStep: (number | null)[];
  /** The forecast `h` steps after the last value; h counts from 1. */
  ahead(h: number): number;
  seasonal: boolean;
}

/** Demand is never negative. */
const demand = (value: number) => Math.max(0, value);

/**
 * Smooths a series of at least one value in one pass. A season needs two seasons of values; until then this is simple
 * exponential smoothing, which only has a level. The smoothing parameters are given and not fitted to the series, so no
 * one-step forecast has seen the value that it is measured against.
 */
export function holtWinters(series: number[], { season: m, alpha, beta, gamma }: Smoothing): Fit {
  const oneStep: (number | null)[] = [null];
  let level = series[0] ?? 0;
  for (const value of series.slice(1, 2 * m)) {
    oneStep.push(level);
    level += alpha * (value - level);
  }
  if (series.length < 2 * m) return { oneStep, ahead: () => level, seasonal: false };

  const firstMean = mean(series.slice(0, m));
  const secondMean = mean(series.slice(m, 2 * m));
  let trend = (secondMean - firstMean) / m;
  const centre = (m - 1) / 2;
  // The seasonal values without level and trend, averaged over the first two seasons.
  const seasons = Array.from({ length: m }, (_, i) => {
    const first = (series[i] ?? 0) - (firstMean + (i - centre) * trend);
    const second = (series[m + i] ?? 0) - (secondMean + (i - centre) * trend);
    return (first + second) / 2;
  });
  level = secondMean + centre * trend;
  for (let t = 2 * m; t < series.length; t++) {
    const value = series[t] ?? 0;
    const seasonal = seasons[t % m] ?? 0;
    oneStep.push(demand(level + trend + seasonal));
    const before = level + trend;
    level = alpha * (value - seasonal) + (1 - alpha) * before;
    seasons[t % m] = gamma * (value - before) + (1 - gamma) * seasonal;
    trend += beta * (level - before);
  }
  const last = series.length - 1;
  return {
    oneStep,
    ahead: (h) => demand(level + h * trend + (seasons[(last + h) % m] ?? 0)),
    seasonal: true,
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
