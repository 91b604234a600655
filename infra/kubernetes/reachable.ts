/** Whether the NetworkPolicies let through what the system needs, and nothing else. */
import { defaultPorts } from '../system/names.ts';
import type { Manifest } from './problems.ts';

/** Who connects to whom, and on which port. Hosts that are not in the manifests are outside. */
const needed: [from: string, to: string, port: number][] = [
  ...['rides', 'transaction', 'email', 'analytics', 'flow'].map(
    (name) => [name, 'kafka', 9092] as [string, string, number],
  ),
  ['kafka', 'kafka', 9092],
  ['email', 'mailbox', defaultPorts.smtp],
  ...(['rides', 'transaction', 'email', 'analytics'] as const).map(
    (name) => ['flow', name, defaultPorts[name]] as [string, string, number],
  ),
  ['flow', 'mailbox', defaultPorts.mailbox],
];

/** One line for each connection that is needed and refused, or allowed and not needed. */
export function reachable(manifests: Manifest[]): string[] {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec);
  const pods = new Map<string, Manifest>(
    manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      .map(({ metadata, spec }) => [metadata.name, spec.template]),
  );
  const found: string[] = [];
  for (const [from, source] of pods)
    for (const [to, target] of pods)
      for (const { containerPort: port } of target.spec.containers.flatMap(({ ports }: Manifest) => ports)) {
        const wanted = needed.some((one) => one[0] === from && one[1] === to && one[2] === port);
        const out = allows(policies, 'Egress', source, target, port);
        const into = allows(policies, 'Ingress', target, source, port);
        if (wanted && !out) found.push(`${from} may not connect to ${to}:${port}`);
        if (wanted && !into) found.push(`${to}:${port} may not be reached by ${from}`);
        if (!wanted && out && into)
          found.push(`${from} may connect to ${to}:${port}, which it does not need`);
      }
  return found;
}

/** @param pod the one that the policies select @param other the other end */
function allows(
  policies: Manifest[],
  type: 'Ingress' | 'Egress',
  pod: Manifest,
  other: Manifest,
  port: number,
) {
  const applied = policies.filter((one) => one.policyTypes.includes(type) && selects(one.podSelector, pod));
  const [rules, ends] = type === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to'];
  return (
    applied.length === 0 ||
    applied.some((one) =>
      (one[rules as string] ?? []).some(
        (rule: Manifest) =>
          (rule.ports?.some((one: Manifest) => one.port === port) ?? true) &&
          (rule[ends as string]?.some(
            (end: Manifest) => end.podSelector && !end.namespaceSelector && selects(end.podSelector, other),
          ) ??
            true),
      ),
    )
  );
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Manifest,
  { metadata: { labels } }: Manifest,
): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(
      ({ key, operator, values }: Manifest) => operator === 'In' && values.includes(labels[key]),
    )
  );
}
