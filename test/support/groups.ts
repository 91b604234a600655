/** Consumer groups as a plain Kafka client sees them, without code of the services. */
import { Once } from '@rideflow/shared/once.ts';
import { type Admin, AssignerProtocol, Kafka, logLevel } from 'kafkajs';

export class Groups {
  readonly #admin: Admin;
  readonly #connection = new Once(() => this.#admin.connect());

  constructor(brokers: string[]) {
    this.#admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  }

  /** By partition: end offset and committed offset (0 for none), and the client that owns it. */
  async see(groupId: string, topic: string) {
    await this.#connection.get();
    const [ends, [committed], { groups }] = await Promise.all([
      this.#admin.fetchTopicOffsets(topic),
      this.#admin.fetchOffsets({ groupId, topics: [topic] }),
      this.#admin.describeGroups([groupId]),
    ]);
    const places = ends
      .sort((a, b) => a.partition - b.partition)
      .map(({ partition, high }) => {
        const offset = Number(committed?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
        return { end: Number(high), committed: Math.max(0, offset) };
      });
    const owners: (string | null)[] = places.map(() => null);
    for (const { clientId, memberAssignment } of groups[0]?.members ?? [])
      for (const partition of AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ??
        [])
        owners[partition] = clientId;
    return { places, owners };
  }

  async names(): Promise<string[]> {
    await this.#connection.get();
    const { groups } = await this.#admin.listGroups();
    return groups.map(({ groupId }) => groupId);
  }

  async stop(): Promise<void> {
    if (this.#connection.take()) await this.#admin.disconnect();
  }
}

/** Which partitions have the same owner, regardless of its name: `['a', 'b', 'a']` and `['x', 'y', 'x']` are equal. */
export function together(owners: (string | null)[]): (number | null)[] {
  return owners.map((owner) => (owner === null ? null : owners.indexOf(owner)));
}
