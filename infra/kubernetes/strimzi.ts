/** Overlay `strimzi`: Kafka, its topics and its users as resources of the Strimzi operator. */
import { settingsOf } from '@rideflow/shared/kafka/ensure-topics.ts';
import { allTopics, type ServiceName, topology } from '@rideflow/shared/topology.ts';
import { type Permission, permissionsOf } from '../acls/derive.ts';
import { addressOf, commonMap, configMap } from './configuration.ts';
import { inNamespace, kafkaClients, policy, toKafka, toMailServer } from './network-policies.ts';
import { deadLetterDays, kedaNamespace, partitions, retentionDays, strimziKafka } from './plan.ts';
import { because } from './yaml.ts';

const apiVersion = 'kafka.strimzi.io/v1';
const cluster = 'rideflow';
const port = 9093;
const labels = { 'strimzi.io/cluster': cluster };
const { brokers, version, metadataVersion, diskGiB } = strimziKafka;

/** Of what Kafka keeps about itself and about the rides. */
const copies = { replicas: brokers, inSync: 2 };

export const strimziMaps = [
  configMap(
    commonMap,
    {
      KAFKA_BROKERS: addressOf(`${cluster}-kafka-bootstrap`, port),
      REPLICATION_FACTOR: String(copies.replicas),
    },
    true,
  ),
];

/** Spreads the nodes of a pool: one of them on a machine, and evenly over the zones. */
const spread = (pool: string) => {
  const labelSelector = { matchLabels: { ...labels, 'strimzi.io/pool-name': pool } };
  return [
    because('Two brokers on one machine would be lost together, and with them the acknowledged copies.', {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector,
    }),
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector,
    },
  ];
};

const pool = (name: string, role: string, size: string, memory: string, heap: string) => ({
  apiVersion,
  kind: 'KafkaNodePool',
  metadata: { name, labels },
  spec: {
    replicas: brokers,
    roles: [role],
    storage: {
      type: 'jbod',
      volumes: [
        {
          id: 0,
          type: 'persistent-claim',
          size,
          deleteClaim: because('The data outlives the resource.', false),
          kraftMetadata: 'shared',
        },
      ],
    },
    resources: {
      requests: { cpu: role === 'broker' ? '1' : '250m', memory },
      limits: { memory },
    },
    jvmOptions: because('The rest of the memory is the page cache, from which readers are served.', {
      '-Xms': heap,
      '-Xmx': heap,
    }),
    template: { pod: { topologySpreadConstraints: spread(name) } },
  },
});

export const kafka = [
  {
    apiVersion,
    kind: 'Kafka',
    metadata: { name: cluster },
    spec: {
      kafka: {
        version: because(
          'Not the default of Strimzi, 4.3: it can lose the markers that end a transaction (KAFKA-20734).',
          version,
        ),
        metadataVersion,
        listeners: [
          {
            name: 'tls',
            port,
            type: 'internal',
            tls: true,
            authentication: { type: 'scram-sha-512' },
            networkPolicyPeers: because(
              'The services, a pod with the tools, and KEDA, which asks for the lag.',
              [kafkaClients, inNamespace(kedaNamespace)],
            ),
          },
        ],
        authorization: {
          type: 'simple',
          superUsers: because(
            'For `npm run check`, `npm run dlq` and alike. No service logs in as this user.',
            ['operator'],
          ),
        },
        config: {
          'auto.create.topics.enable': false,
          'default.replication.factor': copies.replicas,
          'min.insync.replicas': copies.inSync,
          'offsets.topic.replication.factor': copies.replicas,
          'transaction.state.log.replication.factor': copies.replicas,
          'transaction.state.log.min.isr': copies.inSync,
          'add.partitions.to.txn.retry.backoff.ms': because(
            'The broker asks again whether the previous transaction has ended. The default is 20 ms.',
            1,
          ),
          'offsets.retention.minutes': because(
            `30 days: longer than the ${retentionDays} days of the messages. A reader whose place expires before the messages would mail all of them again.`,
            43_200,
          ),
        },
      },
      entityOperator: { topicOperator: {}, userOperator: {} },
    },
  },
  pool('controller', 'controller', '10Gi', '1Gi', '512m'),
  pool('broker', 'broker', `${diskGiB}Gi`, '4Gi', '1g'),
];

const isDeadLetters = (topic: string) => topic.endsWith('.dlq');
/** In bytes, of each partition. A broker may have a replica of every partition. The rest of the disk is for open segments. */
const largest = (topic: string) => {
  const alike = allTopics().filter((other) => isDeadLetters(other) === isDeadLetters(topic)).length;
  const share = isDeadLetters(topic) ? 0.1 : 0.6;
  return Math.floor((share * diskGiB * 2 ** 30) / (alike * partitions));
};

export const kafkaTopics = allTopics().map((topic) => ({
  apiVersion,
  kind: 'KafkaTopic',
  metadata: { name: topic.replaceAll('_', '-'), labels },
  spec: {
    topicName: topic,
    partitions,
    replicas: copies.replicas,
    config: {
      'retention.ms': (isDeadLetters(topic) ? deadLetterDays : retentionDays) * 24 * 3600 * 1000,
      'retention.bytes': because(
        'Of each partition. Without a limit, a full disk would stop all brokers. With it, the oldest messages go before their time: see "How large" in ../../README.md.',
        largest(topic),
      ),
      ...settingsOf(topic, copies.replicas),
    },
  },
}));

const kinds = { topic: 'topic', group: 'group', 'transactional id': 'transactionalId' };

const acl = ({ kind, name, prefix, operation, why }: Permission) =>
  because(why, {
    resource:
      kind === 'cluster'
        ? { type: kind }
        : { type: kinds[kind], name, patternType: prefix ? 'prefix' : 'literal' },
    operations: [operation],
    host: '*',
  });

const user = (name: string, spec: object = {}) => ({
  apiVersion,
  kind: 'KafkaUser',
  metadata: { name, labels },
  spec: { authentication: { type: 'scram-sha-512' }, ...spec },
});

/** Each user has the name of its service, and may do what the row of the topology says. */
export const kafkaUsers = [
  ...(Object.keys(topology) as ServiceName[]).map((service) =>
    user(service, { authorization: { type: 'simple', acls: permissionsOf(service).map(acl) } }),
  ),
  user('operator'),
];

const brokerPods = { podSelector: { matchLabels: { ...labels, 'strimzi.io/kind': 'Kafka' } } };

export const strimziPolicies = [
  toKafka(port, brokerPods),
  policy(
    'strimzi',
    { matchLabels: labels },
    {
      egress: because(
        'The pods of Strimzi speak to each other and to the API server. Strimzi itself makes the policies for who reaches them.',
        [{}],
      ),
    },
  ),
  toMailServer,
];
