/** Who may speak to whom. Everything else is refused, in both directions. */
import { type Deployed, monitoringNamespace, portOf, services } from './plan.ts';
import { selector } from './workload.ts';
import { because } from './yaml.ts';

export const tcp = (port: number) => ({ port, protocol: 'TCP' });
export const pods = (matchLabels: object) => ({ podSelector: { matchLabels } });
/** Every pod that is a client of Kafka: the services, and a pod with this project's tools. */
export const kafkaClients = {
  podSelector: {
    matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values: ['service', 'tools'] }],
  },
};
export const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const tools = pods({ 'app.kubernetes.io/component': 'tools' });

export const policy = (name: string, podSelector: object, rules: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: {
    podSelector,
    policyTypes: [...('ingress' in rules ? ['Ingress'] : []), ...('egress' in rules ? ['Egress'] : [])],
    ...rules,
  },
});

/** The policies that are the same wherever Kafka and the mail server are. */
export function basePolicies(): object[] {
  return [
    policy('default-deny', {}, { ingress: [], egress: because('Nothing is allowed but what follows.', []) }),
    policy(
      'dns',
      {},
      {
        egress: because(
          'Every pod looks up names. The name server may be a pod, or a program of the node (NodeLocal DNSCache).',
          [{ ports: [tcp(53), { port: 53, protocol: 'UDP' }] }],
        ),
      },
    ),
    ...services.map(reachedBy),
    policy(
      'flow-reads-the-others',
      { matchLabels: selector('flow') },
      {
        egress: services
          .filter((service) => service !== 'flow')
          .map((service) => ({ to: [pods(selector(service))], ports: [tcp(portOf(service))] })),
      },
    ),
    policy(
      'tools',
      { matchLabels: { 'app.kubernetes.io/component': 'tools' } },
      {
        egress: because(
          'A pod with this label may reach all of rideflow: for `npm run check`, `npm run dlq` and alike.',
          [{ to: [pods({ 'app.kubernetes.io/part-of': 'rideflow' })] }],
        ),
      },
    ),
  ];
}

function reachedBy(service: Deployed) {
  const ports = [tcp(portOf(service))];
  const watchers = [
    ...(service === 'flow' ? [] : [pods(selector('flow'))]),
    tools,
    inNamespace(monitoringNamespace),
  ];
  const ingress =
    service === 'rides'
      ? because('Customers come from anywhere.', [{ ports }])
      : because(
          'Operations ports: metrics and the feed. For an Ingress to a page, add the namespace of its controller. ' +
            '`kubectl port-forward` needs nothing.',
          [{ from: watchers, ports }],
        );
  return policy(`to-${service}`, { matchLabels: selector(service) }, { ingress });
}

/** Lets the services, and nobody else, out to Kafka. @param to pods; anywhere if it is left out */
export const toKafka = (port: number, to?: object) =>
  policy('to-kafka', kafkaClients.podSelector, {
    egress: [{ ...(to && { to: [to] }), ports: [tcp(port)] }],
  });

/** Lets email out to the ports of mail servers. */
export const toMailServer = policy(
  'email-to-the-mail-server',
  { matchLabels: selector('email') },
  {
    egress: because('The ports of mail servers. Add ipBlock with the address of yours.', [
      { ports: [tcp(25), tcp(465), tcp(587)] },
    ]),
  },
);
