/** The waiting rides as Prometheus metrics. They come from both topics, so they are right even if transaction is gone. */
import { Gauge, type Registry } from 'prom-client';
import type { View } from './view.ts';

/** @param caughtUp until it is true, most decisions are not read yet, and nothing is reported */
export function registerGauges(
  registry: Registry,
  view: Pick<View, 'waiting'>,
  caughtUp: () => boolean,
  now: () => number,
): void {
  const gauge = (name: string, help: string, value: (waiting: ReturnType<View['waiting']>) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        if (caughtUp()) this.set(value(view.waiting()));
        else this.remove();
      },
    });
  const all = 'Every process reports it for all rides, so use max, not sum';
  gauge('rideflow_rides_waiting', `Rides that wait for their decision. ${all}`, ({ rides }) => rides);
  gauge(
    'rideflow_oldest_waiting_ride_seconds',
    `Time since the request of the oldest ride that waits for its decision; 0 if none waits. ${all}`,
    ({ since }) => (since === null ? 0 : Math.max(0, now() - since) / 1000),
  );
}
