/** Consumer groups as Kafka describes them: who is in them, who owns which partition, what is committed. */

import { Once } from '../../once.ts';
import { type Client, connect } from '../client/connect.ts';
import { type Admin, AssignerProtocol } from '../client/kafkajs.ts';

export interface SeenGroup {
  name: string;
  /** `dead`: Kafka does not know such a group. */
  state: 'stable' | 'rebalancing' | 'empty' | 'dead';
  members: SeenMember[];
  /** By topic and partition: the next offset that the group has committed, -1 for none. */
  committed: Map<string, Map<number, number>>;
}

export interface SeenMember {
  memberId: string;
  /** What its process calls itself: the same for all members of one process of ours. */
  clientId: string;
  host: string;
  /** By topic; empty while the group rebalances. */
  partitions: Map<string, number[]>;
}

const states: Record<string, SeenGroup['state']> = {
  Stable: 'stable',
  Empty: 'empty',
  PreparingRebalance: 'rebalancing',
  CompletingRebalance: 'rebalancing',
};

export interface Groups {
  /** Asks for some groups, and what each has committed on a topic. @throws whatever kafkajs throws when Kafka does not answer */
  see(wanted: { name: string; topic: string }[]): Promise<SeenGroup[]>;
  stop(): Promise<void>;
}

/** Connects with the first question, and anew after any error. */
export function openGroups(client: Client): Groups {
  const connection = new Once(async () => {
    const admin = connect(client, 'admin').admin({ retry: { retries: 1 } });
    await admin.connect();
    return admin;
  });
  const close = () =>
    connection
      .take()
      ?.then((admin) => admin.disconnect())
      .catch(() => {});
  return {
    async see(wanted) {
      try {
        return await seeGroups(await connection.get(), wanted);
      } catch (error) {
        void close();
        throw error;
      }
    },
    stop: async () => void (await close()),
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

/** Of a member that is just joining there is no assignment yet; one of another assigner may be of another form. */
function decode(assignment: Buffer): Record<string, number[]> {
  try {
    return AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {};
  } catch {
    return {};
  }
}
