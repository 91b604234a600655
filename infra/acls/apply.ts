/** Makes the broker's access control list match the topology. */
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ResourcePatternTypes,
} from '@rideflow/shared/kafka/client/kafkajs.ts';
import type { Permission } from './derive.ts';

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};
const kinds = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional id': AclResourceTypes.TRANSACTIONAL_ID,
  cluster: AclResourceTypes.CLUSTER,
};

export function entryOf({ service, operation, kind, name, prefix }: Permission): AclEntry {
  return {
    principal: `User:${service}`,
    host: '*',
    operation: operations[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: kinds[kind],
    resourceName: name,
    resourcePatternType: prefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  };
}

/**
 * Adds missing permissions and removes any others from the services' users. Other users keep theirs.
 * New permissions come first, so a running service is never refused in between.
 * @returns how many permissions were added and how many were removed
 * @throws Error when the user may not alter the cluster, or the broker has no authorizer
 */
export async function apply(admin: Admin, permissions: Permission[]) {
  const wanted = new Map(permissions.map(entryOf).map((entry) => [textOf(entry), entry]));
  const there = new Map<string, AclEntry>();
  for (const principal of new Set(permissions.map(({ service }) => `User:${service}`))) {
    const { resources } = await admin.describeAcls({
      principal,
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    });
    for (const { acls, ...resource } of resources) {
      for (const acl of acls) {
        const entry = { ...acl, ...resource } as unknown as AclEntry & { resourcePatternType: number };
        there.set(textOf(entry), entry);
      }
    }
  }
  const missing = [...wanted].filter(([text]) => !there.has(text)).map(([, entry]) => entry);
  const beyond = [...there].filter(([text]) => !wanted.has(text)).map(([, entry]) => entry);
  if (missing.length > 0) await admin.createAcls({ acl: missing });
  if (beyond.length > 0) await admin.deleteAcls({ filters: beyond });
  return { added: missing.length, removed: beyond.length };
}

const textOf = (e: AclEntry) =>
  [
    e.principal,
    e.host,
    e.operation,
    e.permissionType,
    e.resourceType,
    e.resourceName,
    e.resourcePatternType,
  ].join(' ');
