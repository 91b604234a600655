/** What each service may do at the broker, derived from the topology: its own row, and nothing beside it. */

import { topics } from '@rideflow/shared/topics.ts';
import {
  allTopics,
  deadLetterTopic,
  type ReaderName,
  type ServiceName,
  topology,
} from '@rideflow/shared/topology.ts';

export type Operation = 'Read' | 'Write' | 'Describe';

/** One thing that one service may do. Its user has the name of the service. */
export interface Permission {
  service: ServiceName;
  operation: Operation;
  kind: 'topic' | 'group' | 'transactional id';
  name: string;
  /** Everything that begins with `name`, instead of `name` alone. */
  prefix: boolean;
  /** What it is needed for. */
  why: string;
}

/**
 * The permissions of one service. Reading and writing include describing, in Kafka. No service may create a topic:
 * that is done together with these permissions. An idempotent producer needs none of its own: who may write to a
 * topic may be one (KIP-679).
 */
export function permissionsOf(service: ServiceName): Permission[] {
  const { reads, writes, possible }: (typeof topology)[ServiceName] = topology[service];
  const list: Permission[] = [];
  const may = (operation: Operation, kind: Permission['kind'], name: string, why: string, prefix = false) =>
    list.push({ service, operation, kind, name, prefix, why });
  if ('observes' in topology[service]) {
    for (const topic of allTopics()) may('Read', 'topic', topic, 'shows what is on it');
    for (const [name, { reads }] of Object.entries(topology))
      if (reads) may('Describe', 'group', name, 'shows who reads what, and how far');
    return list;
  }
  if (writes) may('Write', 'topic', writes, 'its output');
  if (!reads) {
    for (const topic of Object.keys(topics)) may('Read', 'topic', topic, 'shows what became of a ride');
    return list;
  }
  may('Read', 'topic', reads, 'its input');
  may('Read', 'group', service, 'its place in the input');
  may('Write', 'topic', deadLetterTopic(service as ReaderName), 'parks what it cannot process');
  if (writes && (possible as readonly string[]).includes('exactly-once')) {
    may('Read', 'topic', writes, 'finds out at a start what is decided already');
    may(
      'Read',
      'topic',
      deadLetterTopic(service as ReaderName),
      'finds its place again where no offset is committed',
    );
    may('Write', 'transactional id', `${service}/`, 'a transaction for each partition of its input', true);
  }
  return list;
}

/** The permissions of all services. */
export const allPermissions = (): Permission[] =>
  (Object.keys(topology) as ServiceName[]).flatMap(permissionsOf);
