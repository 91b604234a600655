/** Overlay `local`: one broker from the image, and a mailbox. For one node, to try and to test. */
import { addressOf, commonMap, configMap } from './configuration.ts';
import { kafkaClients, pods, policy, tcp, toKafka } from './network-policies.ts';
import { images, namespace, retentionDays } from './plan.ts';
import { containerSecurity, everyPod, labels, resources, selector } from './workload.ts';
import { because } from './yaml.ts';

const port = 9092;

export const localMaps = [
  configMap(commonMap, { KAFKA_BROKERS: addressOf('kafka', port), REPLICATION_FACTOR: '1' }, true),
  configMap('email', { SMTP_URL: 'smtp://mailbox:1025' }, true),
  configMap(
    'flow',
    { MAILBOX_URL: 'http://mailbox:1080', PUBLIC_MAILBOX_URL: 'http://localhost:1080' },
    true,
  ),
];

/** The settings of the broker are those of docker-compose.yml: see there for the reasons. */
const settings = {
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LISTENERS: `INTERNAL://:${port},CONTROLLER://:9093`,
  KAFKA_ADVERTISED_LISTENERS: `INTERNAL://kafka-0.kafka.${namespace}.svc:${port}`,
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
  KAFKA_LOG_DIRS: because(
    'In the volume a folder: Kafka refuses the lost+found of a new file system.',
    '/var/lib/kafka/data/log',
  ),
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_ADD_PARTITIONS_TO_TXN_RETRY_BACKOFF_MS: '1',
  KAFKA_LOG_RETENTION_HOURS: String(retentionDays * 24),
  KAFKA_OFFSETS_RETENTION_MINUTES: '43200',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '3',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '3',
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  KAFKA_BROKER_SESSION_TIMEOUT_MS: '2000',
  KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '300',
  KAFKA_LOG4J_LOGGERS: 'kafka=WARN,org.apache.kafka=WARN,state.change.logger=WARN',
  KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m',
  KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  KAFKA_LOG_CLEANER_DEDUPE_BUFFER_SIZE: '8388608',
};

export const broker = [
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'kafka', labels: labels('kafka', 'broker') },
    spec: {
      serviceName: 'kafka',
      replicas: because(
        'One broker, so its loss stops everything until it is back. For more, use the overlay strimzi.',
        1,
      ),
      selector: { matchLabels: selector('kafka') },
      template: {
        metadata: { labels: labels('kafka', 'broker') },
        spec: {
          ...everyPod,
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: 'kafka',
              image: images.kafka,
              imagePullPolicy: 'IfNotPresent',
              env: Object.entries(settings).map(([name, value]) => ({ name, value })),
              ports: [{ name: 'kafka', containerPort: port }],
              startupProbe: because('The port opens when the broker is ready.', {
                tcpSocket: { port: 'kafka' },
                periodSeconds: 1,
                failureThreshold: 120,
              }),
              readinessProbe: { tcpSocket: { port: 'kafka' }, periodSeconds: 3 },
              livenessProbe: {
                tcpSocket: { port: 'kafka' },
                periodSeconds: 10,
                timeoutSeconds: 5,
                failureThreshold: 6,
              },
              resources: resources(640, 250, false),
              securityContext: containerSecurity(
                because('The image writes its settings below /opt/kafka when it starts.', false),
              ),
              volumeMounts: [{ name: 'data', mountPath: '/var/lib/kafka/data' }],
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: selector('kafka') },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kafka', labels: selector('kafka') },
    spec: {
      clusterIP: because('A client speaks to each broker by its own name.', 'None'),
      publishNotReadyAddresses: because('The broker reaches itself by its name before it is ready.', true),
      selector: selector('kafka'),
      ports: [{ name: 'kafka', port, targetPort: 'kafka' }],
    },
  },
];

const smtp = 1025;
const web = 1080;

export const mailbox = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mailbox', labels: labels('mailbox', 'mailbox') },
    spec: {
      replicas: because('It keeps the mails in memory, so there can be one only.', 1),
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector('mailbox') },
      template: {
        metadata: { labels: labels('mailbox', 'mailbox') },
        spec: {
          ...everyPod,
          containers: [
            {
              name: 'mailbox',
              image: images.mailbox,
              imagePullPolicy: 'IfNotPresent',
              ports: [
                { name: 'smtp', containerPort: smtp },
                { name: 'http', containerPort: web },
              ],
              readinessProbe: { tcpSocket: { port: 'smtp' }, periodSeconds: 2 },
              livenessProbe: { tcpSocket: { port: 'smtp' }, periodSeconds: 10, failureThreshold: 6 },
              resources: resources(512, 50, false),
              securityContext: containerSecurity(),
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'mailbox', labels: selector('mailbox') },
    spec: {
      selector: selector('mailbox'),
      ports: [
        { name: 'smtp', port: smtp, targetPort: 'smtp' },
        { name: 'http', port: web, targetPort: 'http' },
      ],
    },
  },
];

const only = (name: string) => ({ matchLabels: selector(name) });

export const localPolicies = [
  toKafka(port, pods(selector('kafka'))),
  policy('kafka', only('kafka'), {
    ingress: [{ from: [kafkaClients, pods(selector('kafka'))], ports: [tcp(port)] }],
    egress: because('Its transaction coordinator connects to the broker by its name, which is itself.', [
      { to: [pods(selector('kafka'))], ports: [tcp(port)] },
    ]),
  }),
  policy('mailbox', only('mailbox'), {
    ingress: [
      { from: [pods(selector('email'))], ports: [tcp(smtp)] },
      {
        from: [pods(selector('flow')), pods({ 'app.kubernetes.io/component': 'tools' })],
        ports: [tcp(web)],
      },
    ],
  }),
  policy('email-to-the-mailbox', only('email'), {
    egress: [{ to: [pods(selector('mailbox'))], ports: [tcp(smtp)] }],
  }),
  policy('flow-to-the-mailbox', only('flow'), {
    egress: [{ to: [pods(selector('mailbox'))], ports: [tcp(web)] }],
  }),
];
