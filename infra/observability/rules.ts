/** The alert rules of Prometheus. Each names its section of infra/RUNBOOK.md, and the fault of test/faults/alarms.ts that fires it. */
import { type ServiceName, topology } from '@rideflow/shared/topology.ts';

export interface Alert {
  name: string;
  expr: string;
  /** How long the expression must hold. */
  for?: string;
  /** `critical`: customers are affected now. `warning`: somebody should look at it today. */
  severity: 'critical' | 'warning';
  /** One sentence; a template of Prometheus. */
  summary: string;
  /** What the fault suite does to fire it. */
  fault: string;
}

export interface Rules {
  /** Series that other expressions read, by name. */
  records: Record<string, string>;
  alerts: Alert[];
}

/** In seconds. An alert may be this fast at most, for a scrape interval of a second. */
const shortest = 5;

/** The services that every system has. */
export const needed = (Object.keys(topology) as ServiceName[]).filter(
  (name) => !('observes' in topology[name]),
);

/** @param speed divides every duration, for a test: the expressions stay the same */
export function rules(speed = 1): Rules {
  const seconds = (usual: number) => Math.max(shortest, Math.round(usual / speed));
  const minutes = (usual: number) => duration(seconds(usual * 60));
  const lag = 'service_topic:rideflow_consumer_lag:sum';
  const refused = 'rideflow_requests_total{status=~"5.."}';
  return {
    // Every process of a group reports the lag of the whole group.
    records: {
      [lag]: 'sum by (service, topic) (max by (service, topic, partition) (rideflow_consumer_lag))',
    },
    alerts: [
      {
        name: 'RidesNotDecided',
        // The view of rides forgets its oldest rides when many come. Then more wait than were published in a minute.
        expr: `max(rideflow_oldest_waiting_ride_seconds) > ${seconds(30)} or (sum(${lag}{service="transaction"}) > 1000) / sum(increase(rideflow_messages_published_total{service="rides"}[${minutes(1)}])) * ${seconds(60)} > ${seconds(60)}`,
        severity: 'critical',
        summary: 'A ride has waited {{ $value | humanizeDuration }} for its decision.',
        fault: 'transaction is frozen',
      },
      {
        name: 'RequestsRefused',
        expr: `sum(rate(${refused}[${minutes(5)}])) / sum(rate(rideflow_requests_total[${minutes(5)}])) > 0.05 and sum(rate(${refused}[${minutes(5)}])) > 5 / 300`,
        for: minutes(1),
        severity: 'critical',
        summary:
          'rides answers {{ $value | humanizePercentage }} of the requests with an error of the server.',
        fault: 'the broker is frozen',
      },
      {
        name: 'LagHigh',
        // The lag of the last minutes: one scrape without an answer from Kafka must not restart the wait.
        expr: `last_over_time(${lag}[${minutes(2)}]) > 100 and last_over_time(${lag}[${minutes(2)}]) > ${seconds(60)} * sum by (service, topic) (rate(rideflow_messages_processed_total[${minutes(5)}]))`,
        for: minutes(5),
        severity: 'warning',
        summary: '{{ $labels.service }} is {{ $value }} messages behind: more than a minute of its work.',
        fault: 'the mail server defers every mail',
      },
      {
        name: 'PartitionStuck',
        expr: `max by (service, topic, partition) (last_over_time(rideflow_partition_waiting[${minutes(1)}])) == 1`,
        for: minutes(5),
        severity: 'warning',
        summary:
          '{{ $labels.service }} retries one message of {{ $labels.topic }}/{{ $labels.partition }}, and all later ones wait.',
        fault: 'the mail server defers every mail',
      },
      {
        name: 'DeadLetters',
        expr: `sum by (service) (${gained('rideflow_messages_dead_lettered_total', minutes(15))}) > 0`,
        severity: 'warning',
        summary: '{{ $labels.service }} has parked messages that it cannot process.',
        fault: 'messages that nobody can read are written to both topics',
      },
      {
        name: 'MessagesExpired',
        expr: `sum by (service) (${gained('rideflow_messages_expired_total', minutes(60))}) > 0`,
        severity: 'critical',
        summary: 'Kafka has deleted messages that {{ $labels.service }} had not handled.',
        fault: 'messages are deleted while transaction is frozen',
      },
      {
        name: 'CrashLoop', // In the end Kubernetes waits 5 minutes before each restart: at least three fit into this time
        expr: `max by (service) (changes(process_start_time_seconds[${minutes(30)}])) > 2 or sum by (service) (${gained('rideflow_consumer_restarts_total', minutes(30))}) > 2`,
        severity: 'critical',
        summary: '{{ $labels.service }} has restarted {{ $value | humanize }} times in a short time.',
        fault: 'analytics is killed again and again',
      },
      {
        name: 'ServiceDown',
        expr: needed.map((name) => `absent(process_start_time_seconds{service="${name}"})`).join(' or '),
        for: minutes(1),
        severity: 'critical',
        summary: 'No process of {{ $labels.service }} answers.',
        fault: 'transaction is frozen',
      },
      {
        name: 'MailRefused',
        // More than 10 in 5 minutes: one rejected address in a quiet night is no reason to wake somebody.
        expr: `sum(rate(rideflow_mails_total{outcome!="accepted"}[${minutes(5)}])) > sum(rate(rideflow_mails_total{outcome="accepted"}[${minutes(5)}])) and sum(rate(rideflow_mails_total{outcome!="accepted"}[${minutes(5)}])) > 10 / 300`,
        for: minutes(2),
        severity: 'critical',
        summary: 'The mail server refuses more mails than it accepts.',
        fault: 'the mail server defers every mail',
      },
      {
        name: 'StatisticsBehind',
        // A ride can be old because of transaction, so only the difference counts. It is more than the width of a bucket.
        expr: `(${handled('transaction', minutes(5))} unless ${handled('analytics', minutes(5))}) or ${age('analytics', minutes(5))} - ${age('transaction', minutes(5))} > 90`,
        for: minutes(2),
        severity: 'warning',
        summary: 'Rides are decided, but the statistics do not have them.',
        fault: 'analytics is killed again and again',
      },
    ],
  };
}

/**
 * What each series of a counter has gained in a time. A series that is younger than the time has gained its whole value: a process
 * may report its first value after the event, where `increase` sees nothing.
 */
export const gained = (counter: string, time: string) =>
  `(${counter} unless last_over_time(${counter}[${time}] offset ${time})) > increase(${counter}[${time}]) or increase(${counter}[${time}])`;

const handled = (service: ServiceName, time: string) =>
  `sum(increase(rideflow_messages_processed_total{service="${service}"}[${time}])) > 0`;

const age = (service: ServiceName, time: string) =>
  `histogram_quantile(0.99, sum by (le) (rate(rideflow_ride_age_seconds_bucket{service="${service}"}[${time}])))`;

/** As Prometheus writes it. */
function duration(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** The anchor of an alert in infra/RUNBOOK.md. */
export const sectionOf = (alert: string) => alert.toLowerCase();
