/** The forecast model: counts rides and forecasts the number of requests in each of the next minutes. */
import { holtWinters, type Smoothing } from './holt-winters.ts';
import { limits, minute, startOf } from './statistics.ts';
import { round } from './tally.ts';

/** The interface of a forecast method. */
export interface DemandModel {
  /** Adds one ride, or `count` rides of the same minute, in any order. */
  observe(ride: { at: number }, count?: number): void;
  forecast(): Forecast;
}

/** Rides in the minute that starts at `start` (RFC 3339). */
export interface MinuteForecast {
  start: string;
  rides: number;
}

export interface Forecast {
  method: string;
  /** The state of the model, as a sentence. */
  state: string;
  /** The next minutes, starting with the current one. Empty until two minutes are finished. */
  coming: MinuteForecast[];
  /** The one-minute forecasts for each finished minute of the last hour. */
  past: MinuteForecast[];
  /** The error of the one-minute forecasts over all kept finished minutes; null until there is one. */
  error: ForecastError | null;
}

export interface ForecastError {
  minutes_measured: number;
  /** Mean absolute error in rides per minute. */
  mae: number;
  /** The error of the naive forecast, "as many as in the previous minute". */
  naive_mae: number;
  /** The first error divided by the second. Below 1, the model is better. Null if the naive forecast had no error. */
  relative_mae: number | null;
}

/** The same for every series. See holt-winters.ts for why they are not fitted. */
export const smoothing = { alpha: 0.3, beta: 0.002, gamma: 0.15 };
const horizon = 15;
/** A minute is finished this long after its end, because its rides may still be in flight. */
export const grace = 5000;

/**
 * Holt-Winters over rides per minute. Only the count of each minute is kept. Everything else is calculated on request, in well
 * under a millisecond. So rides that arrive late, in bulk after a rebuild, or from a partition with lag lead to the same
 * forecast as rides that arrive in time.
 * @param season minutes in one season
 * @param now the clock, which only determines the current minute; each ride has its own minute
 */
export function createDemandModel(season: number, now: () => number): DemandModel {
  const counts = new Map<number, number>();
  let newest = Number.NEGATIVE_INFINITY;

  function observe({ at }: { at: number }, count = 1) {
    const start = startOf(at, minute);
    const oldest = newest - limits.minutes * minute;
    if (start <= oldest) return;
    counts.set(start, (counts.get(start) ?? 0) + count);
    if (start <= newest) return;
    newest = start;
    for (const key of counts.keys()) if (key <= newest - limits.minutes * minute) counts.delete(key);
  }

  function forecast(): Forecast {
    const running = startOf(Math.max(now() - grace, newest), minute);
    const { first, series } = finishedMinutes(counts, running);
    const method = `Holt-Winters, additive, season of ${season} minutes`;
    if (series.length < 2) {
      return { method, state: 'It needs two complete minutes.', coming: [], past: [], error: null };
    }
    const fit = holtWinters(series, { season, ...smoothing } satisfies Smoothing);
    const start = (index: number) => new Date(first + index * minute).toISOString();
    const past = fit.oneStep.flatMap((rides, i) =>
      rides === null || i < series.length - 60 ? [] : [{ start: start(i), rides: round(rides, 2) }],
    );
    const coming = Array.from({ length: horizon }, (_, i) => ({
      start: start(series.length + i),
      rides: round(fit.ahead(i + 1), 2),
    }));
    const state = fit.seasonal
      ? `It has learned level, trend and season from ${series.length} complete minutes.`
      : `So far it has learned only the level (simple exponential smoothing). Seasonality needs two full periods (${2 * season} minutes); ${series.length} minutes are available.`;
    return { method, state, coming, past, error: measure(series, fit.oneStep) };
  }

  return { observe, forecast };
}

/** The counts from the first kept minute to the last finished one; 0 for a minute without rides. */
function finishedMinutes(counts: Map<number, number>, running: number) {
  const oldest = running - limits.minutes * minute;
  let first = running;
  for (const start of counts.keys()) if (start < first && start >= oldest) first = start;
  const series = Array.from(
    { length: (running - first) / minute },
    (_, i) => counts.get(first + i * minute) ?? 0,
  );
  return { first, series };
}

/** Both forecasts over the same minutes: rolling-origin evaluation (Forecasting: Principles and Practice, 3rd ed., 5.8 and 5.10). */
export function measure(series: number[], oneStep: (number | null)[]): ForecastError | null {
  let model = 0;
  let naive = 0;
  let n = 0;
  for (let t = 1; t < series.length; t++) {
    const forecast = oneStep[t];
    if (forecast === null || forecast === undefined) continue;
    const value = series[t] ?? 0;
    model += Math.abs(value - forecast);
    naive += Math.abs(value - (series[t - 1] ?? 0));
    n++;
  }
  if (n === 0) return null;
  return {
    minutes_measured: n,
    mae: round(model / n, 3),
    naive_mae: round(naive / n, 3),
    relative_mae: naive ? round(model / naive, 3) : null,
  };
}
