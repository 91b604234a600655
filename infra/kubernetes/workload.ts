/** How a service runs: its Deployment or StatefulSet, its Services, and its PodDisruptionBudget. */
import { nodeOptionsOf } from '../run/node-options.js';
import { commonMap, podsOf, secretOf } from './configuration.ts';
import { type Deployed, images, portOf, sizes, stopping } from './plan.ts';
import { because } from './yaml.ts';

type Component = 'service' | 'broker' | 'mailbox';

export const selector = (name: string) => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'rideflow',
});
export const labels = (name: string, component: Component) => ({
  ...selector(name),
  'app.kubernetes.io/component': component,
});

/** What every pod has. Its security is what Pod Security `restricted` asks for; 1000 is the user of all three images. */
export const everyPod = {
  automountServiceAccountToken: because('No pod talks to the API server.', false),
  enableServiceLinks: because(
    'Without this, each Service in the namespace becomes variables such as KAFKA_PORT=tcp://…, which programs read as settings.',
    false,
  ),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
/** What Pod Security `restricted` asks of a container. */
export const containerSecurity = (readOnlyRootFilesystem: unknown = true) => ({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem,
  capabilities: { drop: ['ALL'] },
});
export const resources = (memory: number, cpu: number, consumer = true) => ({
  requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
  limits: because(
    `No limit on processor time${consumer ? ': a throttled process sends its heartbeats late, and its group takes its partitions away' : ''}. ` +
      'Memory is requested in full, since what is used cannot be taken back.',
    { memory: `${memory}Mi` },
  ),
});

/** The objects of one service, in the order in which a reader wants them. */
export function serviceObjects(name: Deployed): object[] {
  return [
    name === 'analytics' ? statefulSet(name) : deployment(name),
    ...network(name),
    ...(sizes[name].replicas > 1 ? [budget(name)] : []),
  ];
}

function deployment(name: Deployed) {
  const several = sizes[name].replicas > 1;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: labels(name, 'service') },
    spec: {
      replicas: several
        ? sizes[name].replicas
        : because(
            'One is enough: it only observes, and each process keeps what it saw in its own memory.',
            1,
          ),
      strategy: { type: 'RollingUpdate', rollingUpdate: because(whyRolling[name] ?? whyOne, rolling) },
      ...(several && {
        minReadySeconds: because(
          name === 'rides'
            ? 'A process that fails at its first requests ends the rollout, before all are replaced.'
            : 'Lets the group settle before the next pod is replaced: each pod that comes or goes is a rebalance.',
          5,
        ),
      }),
      selector: { matchLabels: selector(name) },
      template: template(name),
    },
  };
}

const rolling = { maxSurge: 1, maxUnavailable: 0 };
const whyOne = 'The new process is there before the old one goes.';
const consumer =
  'A new process joins the group before an old one leaves, so the partitions are never shared by fewer. ' +
  'Where there are as many processes as partitions, the new one has none at first. It is ready all the same: ready means that it has joined the group. ' +
  'One at a time, because each change stops the whole group for a moment.';
const whyRolling: Partial<Record<Deployed, string>> = {
  rides: 'A new process is ready before an old one stops, so customers never find fewer.',
  transaction: consumer,
  email: consumer,
};

function statefulSet(name: Deployed) {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels: labels(name, 'service') },
    spec: {
      serviceName: podsOf(name),
      replicas: because(
        'One, because statistics and offsets change together in one SQLite file: that is what makes the count exactly once. ' +
          'A second process would need a file of its own, and each would show a part. While this one is replaced nothing is lost: ' +
          'the messages wait in Kafka. A PodDisruptionBudget would only block a drain for ever.',
        1,
      ),
      selector: { matchLabels: selector(name) },
      template: template(name),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: selector(name) },
          spec: {
            accessModes: because(
              'One node at a time, which every provisioner can do; ReadWriteOncePod is stricter, where your CSI driver has it. One process at a time is what the lock of SQLite makes sure of, so it must be block storage: the lock does not work on NFS.',
              ['ReadWriteOnce'],
            ),
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  };
}

function template(name: Deployed) {
  const { memory, cpu, replicas } = sizes[name];
  const port = portOf(name);
  const probe = (path: string) => ({ path, port: 'http' });
  return {
    metadata: {
      labels: labels(name, 'service'),
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(port),
        'prometheus.io/path': '/metrics',
      },
    },
    spec: {
      ...everyPod,
      terminationGracePeriodSeconds: because(whyGrace(name), stopping.grace),
      ...(replicas > 1 && { topologySpreadConstraints: spread(name) }),
      containers: [
        {
          name,
          image: images.rideflow,
          imagePullPolicy: 'IfNotPresent',
          command: because('The same options as everywhere: see infra/run/node-options.js.', [
            'node',
            ...nodeOptionsOf(name),
            `services/${name}/src/main.ts`,
          ]),
          envFrom: [
            { configMapRef: { name: commonMap } },
            ...(hasOwnMap(name) ? [{ configMapRef: { name } }] : []),
            because(whySecret[name] ?? 'For values that nobody should read here.', {
              secretRef: { name: secretOf(name), optional: true },
            }),
          ],
          env: [{ name: 'PORT', value: String(port) }],
          ports: [{ name: 'http', containerPort: port }],
          startupProbe: because(
            'The process listens before it reaches Kafka, so this takes a second or two.',
            {
              httpGet: probe('/healthz'),
              periodSeconds: 1,
              failureThreshold: 60,
            },
          ),
          readinessProbe: because(whyReady(name), {
            httpGet: probe('/readyz'),
            periodSeconds: 2,
            timeoutSeconds: 2,
            failureThreshold: 3,
          }),
          livenessProbe: because(
            'Alive means that its event loop turns. It does not ask for Kafka: a restart would not bring Kafka back, and every restart is a rebalance.',
            { httpGet: probe('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
          ),
          ...(name === 'rides' && {
            lifecycle: because(
              'A pod leaves its Service a moment after it is told to stop, and a load balancer of a cloud some seconds later. Until then new requests arrive, and are answered as always.',
              { preStop: { sleep: { seconds: stopping.preStop } } },
            ),
          }),
          resources: resources(memory, cpu),
          securityContext: containerSecurity(),
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            ...(name === 'analytics' ? [{ name: 'data', mountPath: '/data' }] : []),
          ],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
    },
  };
}

export const hasOwnMap = (name: Deployed) => name !== 'transaction';
const whySecret: Partial<Record<Deployed, string>> = {
  rides: 'For API_TOKEN. A value here takes precedence over the ConfigMap.',
  email: 'For an SMTP_URL with a password. A value here takes precedence over the ConfigMap.',
  flow: 'For API_TOKEN, where rides has one.',
};
const whyReady = (name: Deployed) =>
  name === 'rides'
    ? 'Ready when it can publish and has read the latest rides. So a pod that alone does not reach Kafka gets no requests. If Kafka itself is away, no pod is ready after some seconds, and clients are refused the connection instead of getting the 503.'
    : name === 'flow'
      ? 'Ready when it serves its page. It says itself what it cannot reach.'
      : 'Ready when it has joined its group, with or without a partition.';

const whyGrace = (name: Deployed) =>
  name === 'rides'
    ? `Longer than its stop takes: ${stopping.preStop} s of preStop, ${stopping.drain} s of DRAIN_SECONDS, and at most ${stopping.service} s for the rest.`
    : `Longer than its stop takes: at most ${stopping.service} s, in which it finishes what it has in hand, commits, and leaves its group.`;

function spread(name: Deployed) {
  return [
    {
      topologyKey: 'kubernetes.io/hostname',
      reason:
        'The loss of one node should not stop the service. A wish, not a rule, so that one node is enough.',
    },
    { topologyKey: 'topology.kubernetes.io/zone', reason: 'The same for a zone.' },
  ].map(({ topologyKey, reason }) =>
    because(reason, {
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selector(name) },
      matchLabelKeys: ['pod-template-hash'],
    }),
  );
}

function network(name: Deployed): object[] {
  const port = portOf(name);
  const ports = [{ name: 'http', port, targetPort: 'http' }];
  const headless = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: podsOf(name), labels: selector(name) },
    spec: {
      clusterIP: because('Headless: the name stands for every pod, for flow and for Prometheus.', 'None'),
      publishNotReadyAddresses: because('A process that is not ready is one to look at.', true),
      selector: selector(name),
      ports,
    },
  };
  if (name !== 'rides') return [headless];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels: selector(name) },
      spec: { selector: selector(name), ports },
    },
    headless,
  ];
}

function budget(name: Deployed) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, labels: selector(name) },
    spec: {
      maxUnavailable: because('A drain evicts one pod, and the next when another is ready in its place.', 1),
      unhealthyPodEvictionPolicy: because(
        'A pod that is not ready serves nobody, and must not block a drain.',
        'AlwaysAllow',
      ),
      selector: { matchLabels: selector(name) },
    },
  };
}
