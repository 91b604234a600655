/** The numbers and names that one changes to fit a cluster. After a change, `npm run kubernetes` writes the manifests anew. */
import { stopDeadline } from '@rideflow/shared/service.ts';
import { PINNED_VERSION } from '../broker/version.ts';
import { defaultPorts } from '../system/names.ts';

export const namespace = 'rideflow';
export const images = {
  rideflow: 'rideflow:local',
  kafka: `apache/kafka:${PINNED_VERSION}`,
  mailbox: 'maildev/maildev:2.2.1',
};
/** Of every topic. More processes of a reader than this have nothing to do. */
export const partitions = 6;
/** How long Kafka keeps messages, in days. */
export const retentionDays = 7;
/** The same for dead letters: somebody must settle them by hand. Shorter than the offsets of groups are kept. */
export const deadLetterDays = 28;
/** Where Prometheus runs. */
export const monitoringNamespace = 'monitoring';
/** Where KEDA runs. */
export const kedaNamespace = 'keda';

/** Strimzi 1.1 and 1.2 support it. Another release of Strimzi may need another one. Their default, 4.3, loses markers of transactions (KAFKA-20734). */
export const strimziKafka = { version: '4.2.1', metadataVersion: '4.2-IV1', brokers: 3, diskGiB: 100 };

/** In seconds. */
export const stopping = {
  /** A pod is taken out of its Service a moment after it is told to stop, and out of a load balancer some seconds later. */
  preStop: 10,
  /** rides then still answers on open connections, and each answer closes its connection. */
  drain: 2,
  /** Within this time everything else stops. */
  service: Math.ceil(stopDeadline / 1000),
  /** How long Kubernetes waits before it kills: longer than all of that, on a busy machine too. */
  grace: 30,
};

interface Size {
  replicas: number;
  /** In MiB: request and limit. */
  memory: number;
  /** Processor time that the scheduler sets aside, in thousandths of a core. */
  cpu: number;
}

/** The services that the manifests run. A service that is new in the topology gets its topics and its user there, and a row here. */
export const sizes = {
  rides: { replicas: 2, memory: 320, cpu: 250 },
  transaction: { replicas: 2, memory: 256, cpu: 250 },
  email: { replicas: 2, memory: 192, cpu: 100 },
  analytics: { replicas: 1, memory: 320, cpu: 100 },
  flow: { replicas: 1, memory: 256, cpu: 50 },
} satisfies Record<string, Size>;
export type Deployed = keyof typeof sizes;

/** The services that run as several processes. analytics has one file; flow keeps what it saw in memory. */
export const scalable = ['rides', 'transaction', 'email'] as const;
export const services = Object.keys(sizes) as Deployed[];
export const portOf = (service: Deployed) => defaultPorts[service];
