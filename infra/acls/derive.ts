/** What each service is allowed to do at the broker, derived from its row in the topology and nothing else. */

import { topics } from '@rideflow/shared/topics.ts';
import {
  allTopics,
  deadLetterTopic,
  type ReaderName,
  type ServiceName,
  topology,
} from '@rideflow/shared/topology.ts';

export type Operation = 'Read' | 'Write' | 'Describe' | 'DescribeConfigs';

/** One permission of one service. The service logs in as the user that has its name. */
export interface Permission {
  service: ServiceName;
  operation: Operation;
  kind: 'topic' | 'group' | 'transactional id' | 'cluster';
  /** Of the cluster, Kafka knows only `kafka-cluster`. */
  name: string;
  /** True: everything that begins with `name`. False: `name` alone. */
  prefix: boolean;
  /** What the service needs it for. */
  why: string;
}

/**
 * The permissions of one service. In Kafka, Read and Write include Describe. No service can create a topic: `npm run acls --
 * --apply` creates the topics. An idempotent producer needs no permission of its own beside Write (KIP-679).
 */
export function permissionsOf(service: ServiceName): Permission[] {
  const { reads, writes, possible, guarantee }: (typeof topology)[ServiceName] = topology[service];
  const list: Permission[] = [];
  const may = (operation: Operation, kind: Permission['kind'], name: string, why: string, prefix = false) =>
    list.push({ service, operation, kind, name, prefix, why });
  if ('observes' in topology[service]) {
    for (const topic of allTopics()) may('Read', 'topic', topic, 'shows what is on it');
    for (const [name, { reads }] of Object.entries(topology))
      if (reads) may('Describe', 'group', name, 'shows who reads what, and the committed offsets');
    return list;
  }
  if (writes) may('Write', 'topic', writes, 'its output');
  if (!reads) {
    for (const topic of Object.keys(topics)) may('Read', 'topic', topic, 'shows what became of a ride');
    return list;
  }
  may('Read', 'topic', reads, 'its input');
  may('Read', 'group', service, 'its committed offsets');
  may('Write', 'topic', deadLetterTopic(service as ReaderName), 'parks what it cannot process');
  if (guarantee !== 'exactly-once') {
    may('DescribeConfigs', 'topic', reads, 'warns if offsets expire before messages');
    may('DescribeConfigs', 'cluster', 'kafka-cluster', 'warns if offsets expire before messages');
  }
  if (writes && (possible as readonly string[]).includes('exactly-once')) {
    may('Read', 'topic', writes, 'finds what is already decided when it starts');
    may(
      'Read',
      'topic',
      deadLetterTopic(service as ReaderName),
      'finds where to start when no offset is committed',
    );
    may('Write', 'transactional id', `${service}/`, 'one transaction for each input partition', true);
  }
  return list;
}

/** The permissions of all services. */
export const allPermissions = (): Permission[] =>
  (Object.keys(topology) as ServiceName[]).flatMap(permissionsOf);
