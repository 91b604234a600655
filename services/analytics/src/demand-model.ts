/** The model: takes rides in, forecasts how many will be asked for in each of the coming minutes. */
import { holtWinters, type Smoothing } from './holt-winters.ts';
import { limits, minute, startOf } from './statistics.ts';
import { round } from './tally.ts';

/** What another method would have to implement. */
export interface DemandModel {
  /** Takes one ride in, or `count` rides of the same minute; the order does not matter. */
  observe(ride: { at: number }, count?: number): void;
  forecast(): Forecast;
}

/** Rides in the minute that begins at `start` (RFC 3339). */
export interface MinuteForecast {
  start: string;
  rides: number;
}

export interface Forecast {
  method: string;
  /** What the model can do by now, as a sentence. */
  state: string;
  /** The coming minutes, the one that now runs first. Empty until two minutes are finished. */
  coming: MinuteForecast[];
  /** What was forecast, one minute ahead, for each finished minute of the last hour. */
  past: MinuteForecast[];
  /** How far those one-minute forecasts were off, over all finished minutes kept; null until there is one to measure. */
  error: ForecastError | null;
}

export interface ForecastError {
  minutes_measured: number;
  /** Mean absolute error in rides per minute. */
  mae: number;
  /** The same for "as many as in the minute before". */
  naive_mae: number;
  /** The first divided by the second; below 1 the model is the better one. Null when the naive forecast was never wrong. */
  relative_mae: number | null;
}

/** The same for every series: see holt-winters.ts for why they are not fitted. */
export const smoothing = { alpha: 0.3, beta: 0.002, gamma: 0.15 };
const horizon = 15;
/** A minute is finished this long after its end: rides that were asked for in it may still be on their way. */
export const grace = 5000;

/**
 * Holt-Winters over rides per minute. What is kept is the count of each minute only; the rest is worked out anew, in
 * well under a millisecond, when somebody asks. So a ride that comes late, or in bulk after a rebuild, or from a partition that
 * lags behind, leads to the same forecast as one that came in time: there is no state that could have gone by without it.
 * @param season minutes in one season
 * @param now the clock, which only says which minute runs now; every ride's minute is its own
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
      ? `It knows level, trend and season from ${series.length} complete minutes.`
      : `It knows only the level (simple exponential smoothing). The season needs two periods, ${2 * season} minutes; ${series.length} are complete.`;
    return { method, state, coming, past, error: measure(series, fit.oneStep) };
  }

  return { observe, forecast };
}

/** The counts from the first minute kept to the last finished one, a minute without rides as 0. */
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
