/** Components `scaling-keda` (by lag) and `scaling-cpu`: how many processes of a service run. */
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';
import { authority, passwordOf } from './login.ts';
import { partitions, scalable, sizes } from './plan.ts';
import { because } from './yaml.ts';

type Scaled = (typeof scalable)[number];
type ScaledReader = Scaled & ReaderName;
const isReader = (name: Scaled): name is ScaledReader => topology[name].reads !== null;

/** How many messages one process should find waiting: some seconds of its work at most (infra/kubernetes/README.md, "How large"). */
const lagOf: Record<ScaledReader, number> = { transaction: 1000, email: 1000 };
/** The most processes of a service. rides has no partitions. */
const mostOf = (name: Scaled) =>
  isReader(name)
    ? because(
        'The number of partitions (PARTITIONS): more processes than that have nothing to do.',
        partitions,
      )
    : 6;

const upPolicies = [{ type: 'Pods', value: 2, periodSeconds: 30 }];

/** Slowly down, faster up. */
const behavior = (reader: boolean) => ({
  scaleUp: {
    stabilizationWindowSeconds: 0,
    policies: reader
      ? because(
          'A rebalance stops the whole group for a moment, so several come at once rather than one after the other.',
          upPolicies,
        )
      : upPolicies,
  },
  scaleDown: {
    stabilizationWindowSeconds: because(
      reader
        ? 'Ten minutes: a process that goes too early costs two rebalances, one now and one when it is missed.'
        : 'Ten minutes: a short lull should not take processes away that the next minute needs.',
      600,
    ),
    policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }],
  },
});

/** The number belongs to the autoscaler: a value here would be set again with every `kubectl apply`. */
export const replicasLeftAlone = scalable.map((name) => ({
  target: { kind: 'Deployment', name },
  patch: `- op: remove\n  path: /spec/replicas\n`,
}));

/** Of processor time. One process uses one core at most, whatever it requests. */
const cpuTarget = '500m';

export const cpuScalers = scalable.map((name) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: sizes[name].replicas,
    maxReplicas: mostOf(name),
    metrics: [
      {
        type: 'Resource',
        resource: {
          name: 'cpu',
          target: {
            type: 'AverageValue',
            averageValue: because('Half a core: one process uses one at most.', cpuTarget),
          },
        },
      },
    ],
    behavior: behavior(isReader(name)),
  },
}));

export const lagScalers = scalable.map((name) => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name },
  spec: {
    scaleTargetRef: { name },
    pollingInterval: 15,
    minReplicaCount: because('Never 0: the first ride would wait for a start.', sizes[name].replicas),
    maxReplicaCount: mostOf(name),
    advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(isReader(name)) } },
    triggers: isReader(name)
      ? [
          {
            type: 'kafka',
            metadata: {
              bootstrapServersFromEnv: 'KAFKA_BROKERS',
              consumerGroup: name,
              topic: topology[name].reads,
              lagThreshold: because(
                'Messages that wait for each process: some seconds of its work at most.',
                String(lagOf[name]),
              ),
              offsetResetPolicy: because(
                'A group without an offset begins at the start of the log.',
                'earliest',
              ),
              limitToPartitionsWithLag: because(
                'One partition is worked on by one process: a second one would not help a hot partition.',
                'true',
              ),
              excludePersistentLag: because(
                'Not needed: with transactions some clients leave a lag of 1 for ever. rideflow commits behind the markers, so its lag is 0 when nothing waits.',
                'false',
              ),
              sasl: 'scram_sha512',
              tls: 'enable',
            },
            authenticationRef: { name },
          },
        ]
      : [{ type: 'cpu', metricType: 'AverageValue', metadata: { value: cpuTarget } }],
  },
}));

/** KEDA logs in as the service whose lag it asks for: that user may see its group and its topic. */
export const lagLogins = scalable.filter(isReader).map((name) => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'TriggerAuthentication',
  metadata: { name },
  spec: {
    env: [{ parameter: 'username', name: 'KAFKA_SASL_USERNAME', containerName: name }],
    secretTargetRef: [
      { parameter: 'password', ...passwordOf(name) },
      { parameter: 'ca', ...authority },
    ],
  },
}));
