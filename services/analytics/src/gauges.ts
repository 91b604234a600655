/** The statistics as Prometheus metrics, calculated at each scrape. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { defaultReport, type Report, report } from './report.ts';
import type { Store } from './store.ts';

/** Only the drivers and areas with the most rides, because each label value is a separate time series in Prometheus. */
export function registerGauges(registry: Registry, store: Store, now: () => number): void {
  // One snapshot of the statistics for all metrics of a scrape, because they are collected in the same turn of the event loop.
  let picture: Report | null = null;
  const current = () => {
    if (!picture) queueMicrotask(() => (picture = null));
    picture ??= report(store, { ...defaultReport, minutes: 2, hours: 1 }, now());
    return picture;
  };
  const gauge = (name: string, help: string, labels: string[], set: (gauge: Gauge, now: Report) => void) =>
    new Gauge({
      name: `rideflow_${name}`,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        set(this, current());
      },
    });

  // Counters that outlive the process: the value comes from the file.
  new Counter({
    name: 'rideflow_rides_counted_total',
    help: 'Rides in the statistics',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      const { confirmed, rejected } = current().overall;
      this.reset();
      this.inc({ status: 'confirmed' }, confirmed);
      this.inc({ status: 'rejected' }, rejected);
    },
  });
  gauge('pickup_minutes', 'Minutes to pickup, over all rides', ['figure'], (g, { overall }) => {
    setIfKnown(g, { figure: 'average' }, overall.average_pickup_minutes);
    setIfKnown(g, { figure: 'max' }, overall.max_pickup_minutes);
  });
  gauge('rejected_ratio', 'Share of rejected rides, 0 to 1', [], (g, { overall }) =>
    setIfKnown(g, {}, overall.rejected_share),
  );
  gauge(
    'driver_rides',
    'Rides per driver, for the drivers with the most rides',
    ['driver'],
    (g, { drivers }) => {
      for (const { driver, rides } of drivers.top) g.set({ driver }, rides);
    },
  );
  gauge('driver_pickup_minutes', 'Minutes to pickup, per driver', ['driver', 'figure'], (g, { drivers }) => {
    for (const { driver, average_pickup_minutes, max_pickup_minutes } of drivers.top) {
      setIfKnown(g, { driver, figure: 'average' }, average_pickup_minutes);
      setIfKnown(g, { driver, figure: 'max' }, max_pickup_minutes);
    }
  });
  gauge('area_rides', 'Rides per H3 cell, for the cells with the most rides', ['cell'], (g, { areas }) => {
    for (const { cell, rides } of areas.top) g.set({ cell }, rides);
  });
  gauge(
    'window_rides',
    'Rides requested in this minute, the last minute and this hour',
    ['window'],
    (g, now) => {
      g.set({ window: 'last_minute' }, now.minutes.at(-2)?.rides ?? 0);
      g.set({ window: 'minute' }, now.minutes.at(-1)?.rides ?? 0);
      g.set({ window: 'hour' }, now.hours.at(-1)?.rides ?? 0);
    },
  );
  gauge(
    'forecast_rides',
    'Rides forecast for this minute (0) and the next ones',
    ['minutes_ahead'],
    (g, { forecast }) => {
      for (const [i, { rides }] of forecast.coming.entries()) g.set({ minutes_ahead: i }, rides);
    },
  );
  gauge(
    'forecast_error_rides',
    'Mean absolute error of one-minute forecasts, in rides per minute',
    ['method'],
    (g, { forecast }) => {
      setIfKnown(g, { method: 'model' }, forecast.error?.mae ?? null);
      setIfKnown(g, { method: 'same_as_last_minute' }, forecast.error?.naive_mae ?? null);
    },
  );
}

function setIfKnown(gauge: Gauge, labels: Record<string, string>, value: number | null) {
  if (value !== null) gauge.set(labels, value);
}
