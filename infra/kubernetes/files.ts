/** Every manifest, by its path below infra/kubernetes. */
import { common, commonMap, configMap, own } from './configuration.ts';
import { externalMaps, externalPolicies } from './external.ts';
import { broker, localMaps, localPolicies, mailbox } from './local.ts';
import { loginPatches } from './login.ts';
import { basePolicies } from './network-policies.ts';
import { images, namespace, services } from './plan.ts';
import { cpuScalers, lagLogins, lagScalers, replicasLeftAlone } from './scaling.ts';
import { kafka, kafkaTopics, kafkaUsers, strimziMaps, strimziPolicies } from './strimzi.ts';
import { tracesMap, tracesPolicy } from './traces.ts';
import { hasOwnMap, serviceObjects } from './workload.ts';
import { because, toYaml } from './yaml.ts';

const kustomization = (fields: object) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  ...fields,
});
const component = (fields: object) => ({
  apiVersion: 'kustomize.config.k8s.io/v1alpha1',
  kind: 'Component',
  ...fields,
});
const [newName, newTag] = images.rideflow.split(':');
/** The image of the services, to be set to where the cluster finds it. */
const image = because('Where your cluster finds the image: set it in your own overlay (../../README.md).', [
  { name: newName, newName, newTag },
]);

/** The text of each file. */
export function manifests(): Map<string, string> {
  const files: Record<string, string> = {
    'base/kustomization.yaml': toYaml(
      'What is the same wherever Kafka is. Not to be applied by itself: use an overlay.',
      [
        kustomization({
          namespace,
          resources: ['namespace.yaml', ...services.map((name) => `${name}.yaml`), 'network-policies.yaml'],
          configMapGenerator: because(
            'A change of a value changes the name of its ConfigMap, which restarts the pods that read it.',
            [
              configMap(commonMap, common),
              ...services.filter(hasOwnMap).map((name) => configMap(name, own[name])),
            ],
          ),
        }),
      ],
    ),
    'base/namespace.yaml': toYaml(
      'The namespace. It refuses every pod that asks for more than `restricted` allows.',
      [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: {
            name: namespace,
            labels: Object.fromEntries(
              ['enforce', 'warn', 'audit'].map((mode) => [
                `pod-security.kubernetes.io/${mode}`,
                'restricted',
              ]),
            ),
          },
        },
      ],
    ),
    'base/network-policies.yaml': toYaml(
      'Who may speak to whom. Each overlay adds Kafka and the mail server.',
      basePolicies(),
    ),
    'overlays/local/kustomization.yaml': toYaml(
      'One broker from the image and a mailbox, without an operator: to try it, on one node too.\nThe claims need a StorageClass that is the default, or two volumes made by hand.',
      [
        kustomization({
          namespace,
          resources: ['../../base', 'kafka.yaml', 'mailbox.yaml', 'network-policies.yaml'],
          configMapGenerator: localMaps,
          images: image,
        }),
      ],
    ),
    'overlays/local/kafka.yaml': toYaml('One broker of Kafka, which is its own controller.', broker),
    'overlays/local/mailbox.yaml': toYaml('MailDev: takes the mails of email and shows them.', mailbox),
    'overlays/local/network-policies.yaml': toYaml('Who reaches Kafka and the mailbox.', localPolicies),
    'overlays/strimzi/kustomization.yaml': toYaml(
      'Kafka by the Strimzi operator (1.1 or 1.2), which must watch this namespace, with STRIMZI_POD_SECURITY_PROVIDER_CLASS=restricted: the namespace refuses other pods.\nSet SMTP_URL and MAIL_FROM in your own overlay (../../README.md); an SMTP_URL with a password belongs in the Secret `email-secrets`.',
      [
        kustomization({
          namespace,
          resources: ['../../base', 'kafka.yaml', 'topics.yaml', 'users.yaml', 'network-policies.yaml'],
          components: ['../../components/kafka-login'],
          configMapGenerator: strimziMaps,
          images: image,
        }),
      ],
    ),
    'overlays/strimzi/kafka.yaml': toYaml('The cluster: three brokers and three controllers.', kafka),
    'overlays/strimzi/topics.yaml': toYaml(
      'Each topic of the topology, with equal numbers of partitions: a message keeps its partition on its whole way.',
      kafkaTopics,
    ),
    'overlays/strimzi/users.yaml': toYaml(
      'Each service as a user, with the permissions of its row in the topology.',
      kafkaUsers,
    ),
    'overlays/strimzi/network-policies.yaml': toYaml(
      'Who reaches Kafka and the mail server.',
      strimziPolicies,
    ),
    'overlays/external/kustomization.yaml': toYaml(
      'A Kafka that exists. Set KAFKA_BROKERS, SMTP_URL and MAIL_FROM in your own overlay, and make the Secrets, topics and permissions as ../../README.md says.',
      [
        kustomization({
          namespace,
          resources: ['../../base', 'network-policies.yaml'],
          components: ['../../components/kafka-login'],
          configMapGenerator: externalMaps,
          images: image,
        }),
      ],
    ),
    'overlays/external/network-policies.yaml': toYaml(
      'Who reaches Kafka and the mail server. The port must be that of KAFKA_BROKERS.',
      externalPolicies,
    ),
    'components/kafka-login/kustomization.yaml': toYaml(
      'TLS, and a login of its own for each service, from Secrets.',
      [component({ patches: [{ path: 'login.yaml' }] })],
    ),
    'components/kafka-login/login.yaml': toYaml('What each service gets in addition.', loginPatches()),
    'components/scaling-keda/kustomization.yaml': toYaml(
      'Scales by lag, with KEDA (2.17 or newer), for the overlays strimzi and external. Add it to `components` of your own overlay (../../README.md).',
      [component({ resources: ['scalers.yaml', 'logins.yaml'], patches: replicasLeftAlone })],
    ),
    'components/scaling-keda/scalers.yaml': toYaml(
      'Transaction and email by their lag; rides, which reads nothing, by processor time.',
      lagScalers,
    ),
    'components/scaling-keda/logins.yaml': toYaml('How KEDA logs in to Kafka.', lagLogins),
    'components/scaling-cpu/kustomization.yaml': toYaml(
      'Scales by processor time, without KEDA, for any overlay. It needs metrics-server. Add it to `components` of your own overlay (../../README.md).',
      [component({ resources: ['scalers.yaml'], patches: replicasLeftAlone })],
    ),
    'components/scaling-cpu/scalers.yaml': toYaml(
      'One HorizontalPodAutoscaler for each service that can be scaled.',
      cpuScalers,
    ),
    'components/traces/kustomization.yaml': toYaml(
      'Traces of every tenth ride go to a collector, for any overlay. Add it to `components` of your own overlay (../../README.md).',
      [component({ resources: ['network-policy.yaml'], configMapGenerator: tracesMap })],
    ),
    'components/traces/network-policy.yaml': toYaml('The services reach the collector.', [tracesPolicy]),
  };
  for (const name of services) files[`base/${name}.yaml`] = toYaml(about[name], serviceObjects(name));
  return new Map(Object.entries(files));
}

const about = {
  rides: 'rides: takes requests for rides over HTTP.',
  transaction: 'transaction: decides each ride, exactly once.',
  email: 'email: mails the customer.',
  analytics: 'analytics: counts.',
  flow: 'flow: the page that shows all of it at work.',
};
