/** The answer of `GET /stats`: a snapshot of the statistics. Times are RFC 3339; pickup times are in minutes. */

import { centre } from './cells.ts';
import type { Forecast } from './demand-model.ts';
import { areaResolution } from './ride.ts';
import { hour, limits, minute, others, type Statistics, startOf } from './statistics.ts';
import type { Store } from './store.ts';
import { emptyTally, type Figures, sumOf, type Tally, toFigures } from './tally.ts';

export interface Report {
  generated_at: string;
  /** Over all counted rides. */
  overall: Figures;
  /** The drivers with the most rides, and the sum of all others. */
  drivers: { top: ({ driver: string } & Figures)[]; others: Figures; distinct: number };
  /** The same for areas: H3 cells of this resolution, with their centres in degrees. */
  areas: {
    resolution: number;
    top: ({ cell: string; lat: number; long: number } & Figures)[];
    others: Figures;
    distinct: number;
  };
  /** By the minute of the request, oldest first, without gaps. The last one is the current minute. */
  minutes: Window[];
  hours: Window[];
  /** Rides that are too old for the kept minutes. They count everywhere else. */
  rides_before_the_first_minute_kept: number;
  forecast: Forecast;
  /** The next offset of each partition. The figures include exactly the messages before it. */
  next_offsets: Record<string, string>;
}
export type Window = { start: string } & Figures;

export interface ReportOptions {
  /** The number of windows, including the current one. */
  minutes: number;
  hours: number;
  /** The number of drivers and areas. */
  top: number;
}

export const defaultReport: ReportOptions = { minutes: 60, hours: 24, top: 20 };
export const largestReport: ReportOptions = {
  minutes: limits.minutes,
  hours: limits.hours,
  top: Math.max(limits.drivers, limits.areas),
};

/** @param now milliseconds since 1970; the windows end here, or at the newest ride if that is later */
export function report(store: Store, options: ReportOptions, now: number): Report {
  const { statistics } = store;
  const drivers = ranking(statistics.drivers, options.top);
  const areas = ranking(statistics.areas, options.top);
  const end = Math.max(now, statistics.newestMinute);
  return {
    generated_at: new Date(now).toISOString(),
    overall: toFigures(statistics.all),
    drivers: { ...drivers, top: drivers.top.map(([driver, tally]) => ({ driver, ...toFigures(tally) })) },
    areas: {
      resolution: areaResolution,
      ...areas,
      top: areas.top.map(([cell, tally]) => ({ cell, ...centre(cell), ...toFigures(tally) })),
    },
    minutes: windows(statistics.minutes, minute, options.minutes, end),
    hours: windows(statistics.hours, hour, options.hours, end),
    rides_before_the_first_minute_kept: statistics.all.rides - ridesInMinutes(statistics),
    forecast: store.model.forecast(),
    next_offsets: Object.fromEntries(store.offsets()),
  };
}

/** Sorted by rides, then by name. `others` has the sum of the rest, so the totals are exact. */
function ranking(tallies: Map<string, Tally>, top: number) {
  const named = [...tallies]
    .filter(([name]) => name !== others)
    .sort(([a, x], [b, y]) => y.rides - x.rides || (a < b ? -1 : 1));
  const rest = [tallies.get(others) ?? emptyTally(), ...named.slice(top).map(([, tally]) => tally)];
  return { top: named.slice(0, top), others: toFigures(sumOf(rest)), distinct: named.length };
}

function windows(tallies: Map<number, Tally>, length: number, count: number, end: number): Window[] {
  const last = startOf(end, length);
  return Array.from({ length: count }, (_, i) => {
    const start = last - (count - 1 - i) * length;
    return { start: new Date(start).toISOString(), ...toFigures(tallies.get(start) ?? emptyTally()) };
  });
}

function ridesInMinutes(statistics: Statistics) {
  let rides = 0;
  for (const tally of statistics.minutes.values()) rides += tally.rides;
  return rides;
}
