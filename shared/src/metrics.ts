/** The Prometheus metrics that every service has. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A registry whose every figure carries the service's name. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // The event loop is sampled once a second: finer sampling alone would cost an idle process a third of a percent of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  return registry;
}

/** What becomes of the messages that a service takes in. Times in seconds. */
export function consumerMetrics(registry: Registry) {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['topic'], registers: [registry] });
  // Without labels, which cost more than the figure: of a service's topics it takes in one.
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers: [registry] });
  return {
    processed: counter('rideflow_messages_processed_total', 'Messages whose handling is finished and stored'),
    failed: counter(
      'rideflow_messages_failed_total',
      'Attempts at a message that failed, for whatever reason',
    ),
    repeated: counter(
      'rideflow_messages_repeated_total',
      'Messages that were on the topic before under the same identity, and left out',
    ),
    deadLettered: counter(
      'rideflow_messages_dead_lettered_total',
      'Messages parked on the dead-letter topic',
    ),
    dropped: counter(
      'rideflow_messages_dropped_total',
      'Messages given up after one failed attempt; only under at-most-once',
    ),
    expired: counter(
      'rideflow_messages_expired_total',
      'Messages that Kafka deleted before this service came to them, transaction markers included',
    ),
    retries: counter('rideflow_retries_total', 'Times that a partition was paused to try again later'),
    waiting: new Gauge({
      name: 'rideflow_partition_waiting',
      help: '1 while a partition waits to be tried again after a failure, which holds up all that is behind it; 0 when it goes on',
      labelNames: ['topic', 'partition'],
      registers: [registry],
    }),
    crashes: counter('rideflow_consumer_restarts_total', 'Times that the Kafka consumer had to start anew'),
    handling: histogram(
      'rideflow_handling_seconds',
      'Time that one message takes to handle',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    age: histogram(
      'rideflow_ride_age_seconds',
      'From the request for a ride until this service was done with it',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
    ),
  };
}
export type ConsumerMetrics = ReturnType<typeof consumerMetrics>;
