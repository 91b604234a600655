/** What Kafka says about the topics, the groups and the dead letters at one moment. */
import { type Place, placesOf, readers, scan } from '@rideflow/shared/dead-letters/parked.ts';
import { type Client, connect } from '@rideflow/shared/kafka/client/connect.ts';
import type { Admin } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { openAdmin } from '@rideflow/shared/kafka/observing/admin.ts';
import { openGroups, type SeenGroup } from '@rideflow/shared/kafka/observing/groups.ts';
import { topics } from '@rideflow/shared/topics.ts';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';

export interface Look {
  /** Milliseconds of a steady clock. */
  at: number;
  topics: { name: string; partitions: number; end: number }[];
  groups: {
    name: ReaderName;
    state: SeenGroup['state'];
    members: number;
    /** The sum of its committed offsets. */
    committed: number;
    /** By partition. */
    lag: number[];
  }[];
  letters: { reader: ReaderName; parked: number; settled: number }[];
}

export interface Observer {
  /** @throws errors of kafkajs when Kafka does not answer; the next look connects again */
  look(): Promise<Look>;
  stop(): Promise<void>;
}

export function observe(client: Client): Observer {
  const kafka = connect(client, 'admin');
  const groups = openGroups(client);
  const connection = openAdmin(client);
  const counts = new Map<string, { at: string; parked: number; settled: number }>();

  /** Reads a partition again only if something was written to it. */
  async function count(place: Place) {
    const key = `${place.topic}/${place.partition}`;
    const at = `${place.from}-${place.to}`;
    const known = counts.get(key);
    if (known?.at === at) return known;
    const letters = await scan(kafka, place);
    const settled = letters.filter(({ resolved }) => resolved).length;
    const counted = { at, parked: letters.length - settled, settled };
    counts.set(key, counted);
    return counted;
  }

  async function lettersOf(admin: Admin): Promise<Look['letters']> {
    const sums = new Map(readers.map((reader) => [reader, { reader, parked: 0, settled: 0 }]));
    for (const place of await placesOf(admin)) {
      const sum = sums.get(place.reader);
      const { parked, settled } = await count(place);
      if (sum) [sum.parked, sum.settled] = [sum.parked + parked, sum.settled + settled];
    }
    return [...sums.values()];
  }

  return {
    async look() {
      try {
        const admin = await connection.get();
        const existing = new Set(await admin.listTopics());
        const names = Object.values(topics)
          .map(({ name }) => name)
          .filter((name) => existing.has(name));
        const reading = readers.filter((name) => existing.has(topology[name].reads));
        const [ends, seen, letters] = await Promise.all([
          Promise.all(names.map((name) => admin.fetchTopicOffsets(name))),
          groups.see(reading.map((name) => ({ name, topic: topology[name].reads }))),
          lettersOf(admin),
        ]);
        const endsOf = new Map(names.map((name, index) => [name as string, ends[index] ?? []]));
        return {
          at: performance.now(),
          topics: [...endsOf].map(([name, ends]) => ({
            name,
            partitions: ends.length,
            end: ends.reduce((sum, { high }) => sum + Number(high), 0),
          })),
          groups: reading.map((name, index) => {
            const topic = topology[name].reads;
            const { state, members, committed } = seen[index] as SeenGroup;
            const places = committed.get(topic) ?? new Map<number, number>();
            return {
              name,
              state,
              members: members.length,
              committed: [...places.values()].reduce((sum, offset) => sum + Math.max(0, offset), 0),
              lag: (endsOf.get(topic) ?? [])
                .sort((a, b) => a.partition - b.partition)
                .map(({ partition, low, high }) => {
                  const offset = places.get(partition) ?? -1;
                  return Math.max(0, Number(high) - (offset < 0 ? Number(low) : offset));
                }),
            };
          }),
          letters,
        };
      } catch (error) {
        void connection.close();
        throw error;
      }
    },
    async stop() {
      await Promise.all([connection.close(), groups.stop()]);
    },
  };
}
