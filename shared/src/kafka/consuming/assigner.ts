/**
 * Assigns partitions to consumers. The round-robin assigner of kafkajs goes through the consumers sorted by member id, so a
 * process with as many consumers as partitions can get all of them. This assigner first gives every process its share, and
 * then divides it among the consumers of the process.
 */
import { AssignerProtocol, type PartitionAssigner, PartitionAssigners } from '../client/kafkajs.ts';

interface Place {
  topic: string;
  partition: number;
}

const name = 'EvenOverProcesses';
const version = 0;

/** For `consumer` of kafkajs. */
export const evenOverProcesses: PartitionAssigner = ({ cluster }) => ({
  name,
  version,
  async assign({ members, topics }) {
    const places = topics.flatMap((topic) =>
      cluster
        .findTopicPartitionMetadata(topic)
        .map(({ partitionId: partition }) => ({ topic, partition }))
        .sort((a, b) => a.partition - b.partition),
    );
    const shared = share(
      places,
      members.map(({ memberId }) => memberId),
    );
    return [...shared].map(([memberId, places]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version,
        assignment: byTopic(places),
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol: ({ topics }) => ({
    name,
    metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
  }),
});

/**
 * The assigners that a member offers. The group uses the first one that all members support, so an older release that only has
 * the round-robin assigner can be in the same group.
 */
export const partitionAssigners = [evenOverProcesses, PartitionAssigners.roundRobin];

/**
 * The partition indexes of each member. The result does not depend on the order of the members. Any two processes differ by
 * one partition at most, and so do any two members of a process.
 */
export function share(places: readonly Place[], memberIds: readonly string[]): Map<string, Place[]> {
  const shares = new Map(memberIds.toSorted().map((memberId) => [memberId, [] as Place[]]));
  const processes = [...Map.groupBy(shares.keys(), processOf).values()];
  for (const [index, place] of places.entries()) {
    const members = processes[index % processes.length] ?? [];
    const turn = Math.floor(index / processes.length);
    shares.get(members[turn % members.length] as string)?.push(place);
  }
  return shares;
}

const byTopic = (places: Place[]) =>
  Object.fromEntries(
    [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, group]) => [
      topic,
      group.map(({ partition }) => partition),
    ]),
  );

/** A member id is `<client id>-<uuid>`, and the client id identifies the process. */
const processOf = (memberId: string) => memberId.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
