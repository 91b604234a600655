/** What the dashboards show. */
import type { DashboardPlan, Panel } from './panels.ts';
import { gained } from './rules.ts';

const rate = (counter: string) => `rate(${counter}[$__rate_interval])`;
const accepted = `sum(${rate('rideflow_messages_published_total{service="rides"}')})`;
const handled = (service: string) =>
  `sum(${rate(`rideflow_messages_processed_total{service="${service}"}`)})`;
const mailed = `sum(${rate('rideflow_mails_total{outcome="accepted"}')})`;
const quantile = (q: number, histogram: string) =>
  `histogram_quantile(${q}, sum by (service, le) (${rate(`${histogram}_bucket`)}))`;
const both = (histogram: string) => ({
  '{{service}} p50': quantile(0.5, histogram),
  '{{service}} p99': quantile(0.99, histogram),
});
/** Events of each service within a time. */
const byService = (counter: string, time: string) => ({
  '{{service}}': `sum by (service) (${gained(counter, time)})`,
});
const ofProcess = (expr: string) => ({ '{{service}} {{instance}}': expr });
const perSecond = 'suffix:/s';

const system: DashboardPlan = {
  name: 'system',
  title: 'rideflow: system',
  about: 'How many rides come in, and how far behind each step is.',
  numbers: [
    number('Accepted', 'Rides that rides has answered with 202.', perSecond, accepted),
    number('Decided', 'Rides that transaction has decided.', perSecond, handled('transaction')),
    number('Mailed', 'Mails that the mail server has accepted.', perSecond, mailed),
    number('Counted', 'Rides that analytics has counted.', perSecond, handled('analytics')),
    number('Waiting rides', 'Rides that wait for their decision.', 'short', 'max(rideflow_rides_waiting)'),
    number(
      'Oldest waits',
      'How long the oldest of them waits.',
      's',
      'max(rideflow_oldest_waiting_ride_seconds)',
      30,
    ),
    number(
      'Dead letters, 1 h',
      'Messages that a reader has parked within an hour.',
      'short',
      `sum(${gained('rideflow_messages_dead_lettered_total', '1h')})`,
      1,
    ),
    number(
      'Alerts',
      'Alerts that fire now. infra/RUNBOOK.md says what to do.',
      'short',
      'count(ALERTS{alertstate="firing", system="rideflow"}) or vector(0)',
      1,
    ),
  ],
  rows: {
    Rides: [
      {
        title: 'Rides per second',
        about: 'The lines lie on one another when every step keeps up.',
        unit: perSecond,
        shows: {
          accepted,
          decided: handled('transaction'),
          mailed,
          counted: handled('analytics'),
        },
      },
      {
        title: 'Age of a ride',
        about: 'Time from the request until each service has handled the ride.',
        unit: 's',
        shows: both('rideflow_ride_age_seconds'),
      },
      {
        title: 'Rides that wait for their decision',
        about: 'As rides sees them, from both topics.',
        unit: 'short',
        shows: { rides: 'max(rideflow_rides_waiting)' },
      },
      {
        title: 'Decisions',
        about: 'Confirmed and rejected rides, as analytics counts them.',
        unit: perSecond,
        shows: { '{{status}}': `sum by (status) (${rate('rideflow_rides_counted_total')})` },
      },
    ],
    'What went wrong': [
      {
        title: 'Dead letters',
        about: 'Messages that a reader has parked, within 5 minutes.',
        unit: 'short',
        shows: byService('rideflow_messages_dead_lettered_total', '5m'),
      },
      {
        title: 'Requests that are refused',
        about:
          'Answers of rides that are errors of the server, by their status. 503: nothing was accepted, or the outcome is unknown.',
        unit: perSecond,
        shows: { '{{status}}': `sum by (status) (${rate('rideflow_requests_total{status=~"5.."}')})` },
      },
      {
        title: 'Mails that are not accepted',
        about: 'Deferred: email sends them again. Rejected: they are dead letters.',
        unit: perSecond,
        shows: {
          '{{outcome}}': `sum by (outcome) (${rate('rideflow_mails_total{outcome!="accepted"}')})`,
        },
      },
      {
        title: 'Messages that expired',
        about:
          'Messages that Kafka deleted before their reader handled them, within an hour. Anything but 0 is a loss.',
        unit: 'short',
        shows: byService('rideflow_messages_expired_total', '1h'),
      },
      {
        title: 'Messages that were skipped',
        about:
          'Repeated: their identity was already handled. Dropped: given up after one failed attempt, only with at-most-once. Within 5 minutes.',
        unit: 'short',
        shows: {
          '{{service}} repeated': `sum by (service) (${gained('rideflow_messages_repeated_total', '5m')})`,
          '{{service}} dropped': `sum by (service) (${gained('rideflow_messages_dropped_total', '5m')})`,
        },
      },
    ],
  },
};

const consumers: DashboardPlan = {
  name: 'consumers',
  title: 'rideflow: consumers',
  about: 'The consumer groups: how far behind they are, and what holds them up.',
  rows: {
    Lag: [
      {
        title: 'Consumer lag',
        about:
          'Offsets between the committed offset and the end of the topic. The markers of transactions take offsets too.',
        unit: 'short',
        shows: { '{{service}}': 'service_topic:rideflow_consumer_lag:sum' },
      },
      {
        title: 'Consumer lag of each partition',
        about: 'One partition that is behind alone waits for a retry, or has a hot key.',
        unit: 'short',
        shows: {
          '{{service}} {{topic}}/{{partition}}': 'max by (service, topic, partition) (rideflow_consumer_lag)',
        },
      },
      {
        title: 'Messages handled per second',
        about: 'With a durable outcome.',
        unit: perSecond,
        shows: { '{{service}}': `sum by (service) (${rate('rideflow_messages_processed_total')})` },
      },
      {
        title: 'Time to handle one message',
        about: 'Without the wait in Kafka and without the commit.',
        unit: 's',
        shows: both('rideflow_handling_seconds'),
      },
    ],
    'What holds them up': [
      {
        title: 'Rebalances',
        about:
          'Times that a consumer joined its group, within 5 minutes. email has one consumer for each partition.',
        unit: 'short',
        shows: byService('rideflow_group_joins_total', '5m'),
      },
      {
        title: 'Consumers that restarted',
        about: 'Within 5 minutes. The log says why.',
        unit: 'short',
        shows: byService('rideflow_consumer_restarts_total', '5m'),
      },
      {
        title: 'Paused partitions',
        about: 'Partitions that wait for a retry. All their later messages wait too.',
        unit: 'short',
        shows: { '{{service}}': 'sum by (service) (rideflow_partition_waiting)' },
      },
      {
        title: 'Retries and failed attempts',
        about: 'Within 5 minutes. A failed attempt without a retry is a dead letter.',
        unit: 'short',
        shows: {
          '{{service}} retries': `sum by (service) (${gained('rideflow_retries_total', '5m')})`,
          '{{service}} failures': `sum by (service) (${gained('rideflow_messages_failed_total', '5m')})`,
        },
      },
    ],
  },
};

const runtime: DashboardPlan = {
  name: 'runtime',
  title: 'rideflow: runtime',
  about: 'The processes: event loop, memory, garbage collection, processor.',
  rows: {
    'Event loop': [
      {
        title: 'Event loop in use',
        about: 'The share of time in which it is busy. Near 100 %, the process has no room for more work.',
        unit: 'percentunit',
        shows: ofProcess(rate('rideflow_event_loop_active_seconds_total')),
      },
      {
        title: 'Event loop lag',
        about: 'How late a timer of one second is, at worst between two scrapes.',
        unit: 's',
        shows: ofProcess('clamp_min(nodejs_eventloop_lag_max_seconds - 1, 0)'),
      },
    ],
    Memory: [
      {
        title: 'Resident memory',
        about:
          'Most of what counts against the memory limit of a container; the page cache of its files counts too.',
        unit: 'bytes',
        shows: ofProcess('process_resident_memory_bytes'),
      },
      {
        title: 'Heap in use',
        about: 'Objects of JavaScript, including what the next collection will free.',
        unit: 'bytes',
        shows: ofProcess('nodejs_heap_size_used_bytes'),
      },
    ],
    'Garbage collection': [
      {
        title: 'Time in garbage collection',
        about: 'The share of time in which the process does nothing else.',
        unit: 'percentunit',
        shows: ofProcess(`sum by (service, instance) (${rate('nodejs_gc_duration_seconds_sum')})`),
      },
      {
        title: 'Collections per second',
        about: 'minor: young objects. major: all of them. incremental: a part of a major one.',
        unit: perSecond,
        shows: {
          '{{service}} {{kind}}': `sum by (service, kind) (${rate('nodejs_gc_duration_seconds_count')})`,
        },
      },
    ],
    Process: [
      {
        title: 'Processor time',
        about:
          '100 % is one core. More than the event loop: garbage collection, compression, the file system.',
        unit: 'percentunit',
        shows: ofProcess(rate('process_cpu_seconds_total')),
      },
      {
        title: 'Restarts',
        about: 'Within an hour.',
        unit: 'short',
        shows: ofProcess('changes(process_start_time_seconds[1h])'),
      },
    ],
  },
};

export const dashboards = [system, consumers, runtime];

function number(title: string, about: string, unit: string, expr: string, bad?: number): Panel {
  return { title, about, unit, shows: { [title.toLowerCase()]: expr }, ...(bad && { bad }) };
}
