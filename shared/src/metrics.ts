/** The Prometheus metrics that every service has. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A registry that labels every metric with the service's name. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // The event loop is sampled once a second, and nodejs_eventloop_lag_* include that second. Finer sampling would cost an idle
  // process 0.3 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  new Counter({
    name: 'rideflow_event_loop_active_seconds_total',
    help: 'Time in which the event loop was busy; its rate is the share of the time',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1000);
    },
  });
  return registry;
}

/** Metrics of the messages that a service reads from a topic. Times are in seconds. */
export function consumerMetrics(registry: Registry, topic: string) {
  const counter = (name: string, help: string) => {
    const created = new Counter({ name, help, labelNames: ['topic'], registers: [registry] });
    created.inc({ topic }, 0); // without a first value, Prometheus would not see the increase of the first event
    return created;
  };
  // Without labels, which cost more than the metric: a service reads one topic.
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers: [registry] });
  return {
    processed: counter(
      'rideflow_messages_processed_total',
      'Messages that are handled, with a durable outcome',
    ),
    failed: counter('rideflow_messages_failed_total', 'Failed attempts to handle a message'),
    repeated: counter(
      'rideflow_messages_repeated_total',
      'Repeated messages that were skipped because their identity was already handled',
    ),
    deadLettered: counter(
      'rideflow_messages_dead_lettered_total',
      'Messages parked on the dead-letter topic',
    ),
    dropped: counter(
      'rideflow_messages_dropped_total',
      'Messages given up after one failed attempt; only with at-most-once',
    ),
    expired: counter(
      'rideflow_messages_expired_total',
      'Messages that Kafka deleted before this service read them, including transaction markers',
    ),
    retries: counter('rideflow_retries_total', 'Times that a partition was paused for a later retry'),
    waiting: new Gauge({
      name: 'rideflow_partition_waiting',
      help: '1 while a partition waits for a retry after a failure, which delays all later messages; 0 when it continues',
      labelNames: ['topic', 'partition'],
      registers: [registry],
    }),
    crashes: counter('rideflow_consumer_restarts_total', 'Restarts of the Kafka consumer'),
    joins: counter(
      'rideflow_group_joins_total',
      'Times that a consumer joined its group: once when it starts, and once in each rebalance',
    ),
    handling: histogram(
      'rideflow_handling_seconds',
      'Time to handle one message',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    age: histogram(
      'rideflow_ride_age_seconds',
      'Time from the request for a ride until this service has handled it',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180, 240, 300, 3600],
    ),
  };
}
export type ConsumerMetrics = ReturnType<typeof consumerMetrics>;
