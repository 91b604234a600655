/**
 * Who reads which partition. kafkajs' round robin counts consumers, sorted by member id, so a process with as many consumers as there
 * are partitions takes all of them. This assigner gives every process its share first, and every consumer of a process its
 * share of that.
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
 * What a member offers to its group, which takes the first one that all its members know: a process of a release with kafkajs' round
 * robin alone can be in one group with this one.
 */
export const partitionAssigners = [evenOverProcesses, PartitionAssigners.roundRobin];

/**
 * The places of each member: the same for the same members in whatever order they come. Any two processes differ by one place at
 * most, and so do any two members of a process.
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

/** Kafka calls a member `<client id>-<uuid>`, and the client id is the process. */
const processOf = (memberId: string) => memberId.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
