/** What is wrong with a set of manifests in the eyes of the code that they run: names, ports, paths, variables, numbers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commonConfig, readConfig } from '@rideflow/shared/config.ts';
import { operations } from '@rideflow/shared/service.ts';
import { allTopics, type ServiceName, topology } from '@rideflow/shared/topology.ts';
import type { z } from 'zod';
import { analyticsSettings } from '../../services/analytics/src/config.ts';
import { mailSettings } from '../../services/email/src/config.ts';
import { controlSettings } from '../../services/flow/src/controls/settings.ts';
import { observerSettings } from '../../services/flow/src/settings.ts';
import { ridesSettings } from '../../services/rides/src/config.ts';
import { permissionsOf } from '../acls/derive.ts';
import { type Deployed, monitoringNamespace, services, stopping } from './plan.ts';
import { reachable } from './reachable.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests, whose form the schemas of Kubernetes check
export type Manifest = any;

const root = join(import.meta.dirname, '../..');
const ownSettings: Record<Deployed, z.ZodRawShape> = {
  rides: ridesSettings,
  transaction: {},
  email: mailSettings,
  analytics: analyticsSettings,
  flow: { ...observerSettings, ...controlSettings },
};

/** One line for each problem; none if the manifests fit the code. */
export function problemsIn(manifests: Manifest[]): string[] {
  const found: string[] = [];
  const expect = (holds: boolean, problem: string) => void (holds || found.push(problem));
  const of = (...kinds: string[]) => manifests.filter(({ kind }) => kinds.includes(kind));
  const workloads = of('Deployment', 'StatefulSet');
  const templates = workloads.map(({ spec }) => spec.template);
  const selected = (selector: Record<string, string> = {}) =>
    templates.filter(({ metadata }) =>
      Object.entries(selector).every(([name, value]) => metadata.labels[name] === value),
    );

  const ids = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  for (const id of new Set(ids))
    expect(ids.filter((other) => other === id).length === 1, `${id} is there twice`);

  for (const workload of workloads) pod(workload);
  for (const service of of('Service')) {
    const name = `Service/${service.metadata.name}`;
    const behind = selected(service.spec.selector);
    expect(behind.length > 0, `${name} selects no pod`);
    for (const { targetPort } of service.spec.ports)
      for (const { spec } of behind)
        expect(
          portsOf(spec).has(targetPort),
          `${name} leads to the port ${targetPort}, which no container has`,
        );
  }
  for (const { metadata, spec } of of('PodDisruptionBudget')) {
    const [workload] = workloads.filter((one) =>
      selected(spec.selector.matchLabels).includes(one.spec.template),
    );
    expect(workload !== undefined, `PodDisruptionBudget/${metadata.name} selects no pod`);
    expect(
      workload?.spec.replicas !== 1,
      `PodDisruptionBudget/${metadata.name} guards a single pod: it lets it go, or blocks a drain for ever`,
    );
  }
  for (const workload of workloads.filter(
    ({ kind, spec }) => kind === 'Deployment' && (spec.replicas ?? 2) > 1,
  ))
    expect(
      of('PodDisruptionBudget').some(({ spec }) =>
        selected(spec.selector.matchLabels).includes(workload.spec.template),
      ),
      `Deployment/${workload.metadata.name} has no PodDisruptionBudget`,
    );
  scaling();
  strimzi();
  found.push(...reachable(manifests));
  return found;

  function pod({ kind, metadata, spec }: Manifest) {
    const id = `${kind}/${metadata.name}`;
    const { template } = spec;
    const service = metadata.name as Deployed;
    expect(template.spec.automountServiceAccountToken === false, `${id} gets a service-account token`);
    expect(template.spec.enableServiceLinks === false, `${id} gets a variable for each Service`);
    expect(template.spec.securityContext?.runAsNonRoot === true, `${id} may run as root`);
    expect(
      template.spec.securityContext?.seccompProfile?.type === 'RuntimeDefault',
      `${id} has no seccomp profile`,
    );
    expect(selected(spec.selector.matchLabels).includes(template), `${id} does not select its own pods`);
    if (kind === 'StatefulSet')
      expect(
        of('Service').some((one) => one.metadata.name === spec.serviceName && one.spec.clusterIP === 'None'),
        `${id} has no headless Service ${spec.serviceName}`,
      );
    for (const container of template.spec.containers) {
      const { securityContext: security, resources } = container;
      expect(security?.allowPrivilegeEscalation === false, `${id} may gain privileges`);
      expect(security?.capabilities?.drop?.includes('ALL') === true, `${id} keeps capabilities`);
      expect(
        security?.readOnlyRootFilesystem === true || metadata.name === 'kafka',
        `${id} may write to its root file system`,
      );
      expect(resources?.limits?.memory !== undefined, `${id} has no limit of memory`);
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
        if (container[probe]) checkProbe(id, probe, container);
      for (const { name } of container.volumeMounts ?? [])
        expect(
          [
            ...(template.spec.volumes ?? []),
            ...(spec.volumeClaimTemplates ?? []).map((one: Manifest) => one.metadata),
          ].some((volume) => volume.name === name),
          `${id} mounts the volume ${name}, which is not there`,
        );
    }
    if (services.includes(service)) checkService(id, service, spec);
  }

  function checkProbe(id: string, probe: string, container: Manifest) {
    const { httpGet, tcpSocket } = container[probe];
    const names = (container.ports ?? []).map(({ name }: Manifest) => name);
    const port = (httpGet ?? tcpSocket)?.port;
    expect(
      names.includes(port),
      `${id}: the ${probe} asks the port ${port}, which the container does not have`,
    );
    if (httpGet)
      expect(
        httpGet.path in operations,
        `${id}: the ${probe} asks for ${httpGet.path}, which no service serves`,
      );
  }

  function checkService(id: string, service: Deployed, spec: Manifest) {
    const { template } = spec;
    const [container] = template.spec.containers;
    const script = container.command.at(-1);
    expect(existsSync(join(root, script)), `${id} starts ${script}, which does not exist`);
    expect(
      container.startupProbe && container.readinessProbe && container.livenessProbe,
      `${id} lacks a probe`,
    );
    const values = valuesOf(id, container);
    const shape = { ...commonConfig(service, 0), ...ownSettings[service] };
    for (const name of Object.keys(values)) {
      expect(
        name in commonConfig(service, 0) || name in ownSettings[service],
        `${id} does not know the variable ${name}`,
      );
      // Files of the pod are not here; this one stands in for them.
      if (/_FILE$|^KAFKA_TLS_CA$/.test(name)) values[name] = import.meta.filename;
    }
    try {
      const config = readConfig(shape, values, (line) => found.push(`${id}: ${line}`));
      const ports = (container.ports ?? []).map(({ containerPort }: Manifest) => containerPort);
      expect(ports.includes(config.PORT), `${id} listens on ${config.PORT}, which is none of its ports`);
      expect(config.HOST === '0.0.0.0', `${id} listens on ${config.HOST} only`);
      const pause = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      const needed = pause + Number(config.DRAIN_SECONDS) + stopping.service;
      expect(
        (template.spec.terminationGracePeriodSeconds ?? 30) > needed,
        `${id} is killed after ${template.spec.terminationGracePeriodSeconds} s, but its stop may take ${needed} s`,
      );
      if (service === 'rides') expect(pause > 0, `${id} has no preStop pause`);
      if (topology[service].reads)
        expect(
          (spec.replicas ?? 1) <= Number(config.PARTITIONS),
          `${id} has ${spec.replicas} replicas for ${config.PARTITIONS} partitions`,
        );
    } catch (error) {
      found.push(`${id}: ${(error as Error).message}`);
    }
    const claims = (spec.volumeClaimTemplates ?? []).length;
    if (service === 'analytics') {
      expect(spec.replicas === 1, `${id} has ${spec.replicas} replicas, but one file`);
      expect(claims === 1, `${id} has no volume for its file`);
      const mounts = container.volumeMounts.map(({ mountPath }: Manifest) => mountPath);
      const file = String(values.DATABASE);
      expect(
        mounts.some((path: string) => file.startsWith(`${path}/`)),
        `${id} keeps ${file} in no volume`,
      );
    }
    for (const [host, port] of hostsIn(values)) {
      if (host === 'localhost' || /\.example\.com$|kafka-bootstrap/.test(host)) continue;
      if (host.endsWith(`.${monitoringNamespace}.svc`)) continue; // not ours
      const [first] = host.split('.');
      const to = of('Service').find((one) => one.metadata.name === first);
      expect(
        to?.spec.ports.some((one: Manifest) => one.port === port) ?? false,
        `${id} is told to use ${host}:${port}, which no Service has`,
      );
    }
  }

  function valuesOf(id: string, container: Manifest): Record<string, string> {
    const values: Record<string, string> = {};
    for (const { configMapRef } of container.envFrom ?? []) {
      if (!configMapRef) continue;
      const map = of('ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name);
      expect(map !== undefined, `${id} reads the ConfigMap ${configMapRef.name}, which is not there`);
      Object.assign(values, map?.data);
    }
    for (const { name, value } of container.env ?? []) values[name] = value;
    for (const name of Object.keys(values))
      expect(
        !/PASSWORD$|TOKEN|SECRET/.test(name) && !/\/\/[^/]*:[^/]*@/.test(values[name] ?? ''),
        `${id} has the secret ${name} in plain text`,
      );
    return values;
  }

  function scaling() {
    for (const { kind, metadata, spec } of of('HorizontalPodAutoscaler', 'ScaledObject')) {
      const id = `${kind}/${metadata.name}`;
      const target = workloads.find((one) => one.metadata.name === spec.scaleTargetRef.name);
      expect(
        target?.kind === 'Deployment',
        `${id} scales ${spec.scaleTargetRef.name}, which is no Deployment`,
      );
      expect(target?.spec.replicas === undefined, `${id} and the manifest both set the number of replicas`);
      const reads = topology[spec.scaleTargetRef.name as ServiceName]?.reads;
      if (!reads) continue;
      const { PARTITIONS } = of('ConfigMap').find(({ data }) => data?.PARTITIONS)?.data ?? {};
      const most = spec.maxReplicas ?? spec.maxReplicaCount;
      expect(most <= Number(PARTITIONS), `${id} goes up to ${most} processes for ${PARTITIONS} partitions`);
      for (const { type, metadata: trigger, authenticationRef } of spec.triggers ?? []) {
        expect(
          type === 'kafka' && trigger.topic === reads,
          `${id} looks at ${trigger.topic}, not at ${reads}`,
        );
        expect(
          trigger.consumerGroup === spec.scaleTargetRef.name,
          `${id} looks at the group ${trigger.consumerGroup}`,
        );
        expect(
          of('TriggerAuthentication').some((one) => one.metadata.name === authenticationRef?.name),
          `${id} has no login`,
        );
      }
    }
  }

  function strimzi() {
    const [cluster] = of('Kafka');
    if (!cluster) return;
    const { version, config } = cluster.spec.kafka;
    expect(!/^4\.3\./.test(version), `Kafka ${version} loses markers of transactions`);
    expect(config['auto.create.topics.enable'] === false, 'the brokers create topics by themselves');
    const topics = of('KafkaTopic');
    const names = topics.map(({ spec }) => spec.topicName);
    for (const topic of allTopics())
      expect(
        names.filter((name) => name === topic).length === 1,
        `the topic ${topic} is there ${names.filter((name) => name === topic).length} times`,
      );
    for (const name of names) expect(allTopics().includes(name), `the topic ${name} is not in the topology`);
    const { PARTITIONS } = of('ConfigMap').find(({ data }) => data?.PARTITIONS)?.data ?? {};
    for (const { spec } of topics) {
      expect(
        spec.partitions === Number(PARTITIONS),
        `the topic ${spec.topicName} has ${spec.partitions} partitions, not ${PARTITIONS}`,
      );
      expect(
        Number(spec.config['retention.ms']) < config['offsets.retention.minutes'] * 60_000,
        `offsets expire before the messages of ${spec.topicName}`,
      );
    }
    const sizes = topics.map(({ spec }) => spec.partitions * spec.config['retention.bytes']);
    const needed = sizes.reduce((sum, size) => sum + size, 0) / 2 ** 30;
    const pool = of('KafkaNodePool').find(({ spec }) => spec.roles.includes('broker'));
    const disk = pool?.spec.storage.volumes[0].size;
    expect(
      needed < 0.8 * Number.parseInt(disk, 10),
      `the topics may take ${needed.toFixed(1)} GiB of each broker, whose disk has ${disk}`,
    );
    const users = of('KafkaUser');
    for (const service of Object.keys(topology) as ServiceName[]) {
      const [user] = users.filter(({ metadata }) => metadata.name === service);
      const may = (user?.spec.authorization?.acls ?? [])
        .map(
          ({ resource, operations }: Manifest) =>
            `${operations.join()} ${resource.type} ${resource.name ?? 'kafka-cluster'} ${resource.patternType ?? 'literal'}`,
        )
        .sort();
      const wanted = permissionsOf(service)
        .map(
          ({ operation, kind, name, prefix }) =>
            `${operation} ${kind === 'transactional id' ? 'transactionalId' : kind} ${name} ${prefix ? 'prefix' : 'literal'}`,
        )
        .sort();
      for (const one of wanted)
        expect(
          may.filter((other: string) => other === one).length === 1,
          `the user ${service} lacks: ${one}`,
        );
      for (const one of may) expect(wanted.includes(one), `the user ${service} has too much: ${one}`);
    }
  }
}

const portsOf = (spec: Manifest) =>
  new Set(
    spec.containers.flatMap(({ ports = [] }: Manifest) =>
      ports.flatMap((one: Manifest) => [one.name, one.containerPort]),
    ),
  );

/** The hosts and ports in the addresses that a service is told to use itself. */
function hostsIn(values: Record<string, string>): [string, number][] {
  const used = Object.entries(values).filter(([name]) => !/^PUBLIC_|^FLOW_URL$|^ANALYTICS_URL$/.test(name));
  return used.flatMap(([, value]) =>
    [...value.matchAll(/([a-z][a-z0-9.-]*):(\d{2,5})\b/g)].map(
      ([, host = '', port]) => [host, Number(port)] as [string, number],
    ),
  );
}
