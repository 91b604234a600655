/** Consumer groups as Kafka describes them: members, partition assignments, committed offsets. */

import type { Client } from '../client/connect.ts';
import { type Admin, AssignerProtocol } from '../client/kafkajs.ts';
import { openAdmin } from './admin.ts';

export interface SeenGroup {
  name: string;
  /** `dead`: Kafka has no such group. */
  state: 'stable' | 'rebalancing' | 'empty' | 'dead';
  members: SeenMember[];
  /** The committed offset by topic and partition; -1 for none. */
  committed: Map<string, Map<number, number>>;
}

export interface SeenMember {
  memberId: string;
  /** The client id of its process. All members of one of our processes have the same. */
  clientId: string;
  host: string;
  /** The assigned partitions by topic; empty during a rebalance. */
  partitions: Map<string, number[]>;
}

const states: Record<string, SeenGroup['state']> = {
  Stable: 'stable',
  Empty: 'empty',
  PreparingRebalance: 'rebalancing',
  CompletingRebalance: 'rebalancing',
};

export interface Groups {
  /** Describes some groups with their committed offsets on a topic. @throws errors of kafkajs when Kafka does not answer */
  see(wanted: { name: string; topic: string }[]): Promise<SeenGroup[]>;
  stop(): Promise<void>;
}

/** Connects on first use, and again after any error. */
export function openGroups(client: Client): Groups {
  const connection = openAdmin(client);
  return {
    async see(wanted) {
      try {
        return await seeGroups(await connection.get(), wanted);
      } catch (error) {
        void connection.close();
        throw error;
      }
    },
    stop: () => connection.close(),
  };
}

async function seeGroups(admin: Admin, wanted: { name: string; topic: string }[]): Promise<SeenGroup[]> {
  const [{ groups }, ...committed] = await Promise.all([
    admin.describeGroups(wanted.map(({ name }) => name)),
    ...wanted.map(({ name, topic }) => admin.fetchOffsets({ groupId: name, topics: [topic] })),
  ]);
  return wanted.map(({ name }, index) => {
    const group = groups.find(({ groupId }) => groupId === name);
    return {
      name,
      state: states[group?.state ?? ''] ?? 'dead',
      members: (group?.members ?? []).map(({ memberId, clientId, clientHost, memberAssignment }) => ({
        memberId,
        clientId,
        host: clientHost.replace(/^\//, ''),
        partitions: new Map(Object.entries(decode(memberAssignment))),
      })),
      committed: new Map(
        (committed[index] ?? []).map(({ topic, partitions }) => [
          topic,
          new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)])),
        ]),
      ),
    };
  });
}

/** A joining member has no assignment yet, and the assignment of a different assigner may have a different format. */
function decode(assignment: Buffer): Record<string, number[]> {
  try {
    return AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {};
  } catch {
    return {};
  }
}
