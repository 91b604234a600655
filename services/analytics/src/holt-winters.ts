/**
 * Seasonal exponential smoothing, additive Holt-Winters: C. C. Holt, "Forecasting seasonals and trends by exponentially
 * weighted moving averages" (1957); P. R. Winters, "Forecasting sales by exponentially weighted moving averages" (1960). The
 * equations and their names are those of Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., 8.1
 * (simple) and 8.3 (additive seasonal).
 */

export interface Smoothing {
  /** Values in one season, at least 2. */
  season: number;
  /** How fast the level, the trend and the season follow what is new, each between 0 and 1. */
  alpha: number;
  beta: number;
  gamma: number;
}

export interface Fit {
  /** For every value what was forecast for it one step ahead, from the values before it alone; null where there was none. */
  oneStep: (number | null)[];
  /** Forecast of the value `h` steps after the last one, h from 1. */
  ahead(h: number): number;
  seasonal: boolean;
}

/** Demand is never below nothing. */
const demand = (value: number) => Math.max(0, value);

/**
 * Goes once through a series, at least one value. Two seasons are needed to know a season: until then it is simple
 * exponential smoothing, which knows a level only. The smoothing parameters are given and not fitted to the series, so no one-step forecast
 * has seen the value that it is measured against.
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
  // What is left of each place in the season when level and trend are taken away, averaged over the first two.
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
