/** Overlay `external`: a Kafka that exists, over TLS and with a login. */
import { commonMap, configMap } from './configuration.ts';
import { toKafka, toMailServer } from './network-policies.ts';

const port = 9093;

export const externalMaps = [
  configMap(commonMap, { KAFKA_BROKERS: `kafka.example.com:${port}`, REPLICATION_FACTOR: '3' }, true),
];

export const externalPolicies = [toKafka(port), toMailServer];
