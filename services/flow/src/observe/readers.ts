/** The consumer groups: who owns what, how far each is, and what was seen to change. */
import type { SeenGroup } from '@rideflow/shared/kafka/observing/groups.ts';
import { type ReaderName, topology } from '@rideflow/shared/topology.ts';
import { placeOf } from '../coordinates.ts';
import type { Group } from '../protocol.ts';
import type { Cast } from './cast.ts';
import { Passed } from './passed.ts';

export const readerNames = (Object.keys(topology) as (keyof typeof topology)[]).filter(
  (name): name is ReaderName => topology[name].reads !== null,
);

interface Place {
  committed: number;
  owner: string | null;
  /** Who had the partition when this place was committed, and since when somebody else has it. */
  committedBy: string | null;
  otherSince: number;
  messages: Passed;
  parked: Passed;
}

interface Reader {
  name: ReaderName;
  topic: string;
  state: Group['state'];
  rebalances: number;
  members: string;
  places: Map<number, Place>;
}

/** A partition whose owner changed has nobody who remembers what the last one had in hand, after so many milliseconds. */
const handedOver = 3000;

export class Readers {
  readonly #readers = new Map<ReaderName, Reader>();
  readonly #cast: Cast;
  readonly #tell: (service: string, tone: 'ok' | 'warning', text: string) => void;

  constructor(cast: Cast, tell: (service: string, tone: 'ok' | 'warning', text: string) => void) {
    this.#cast = cast;
    this.#tell = tell;
    for (const name of readerNames)
      this.#readers.set(name, {
        name,
        topic: topology[name].reads,
        state: 'unknown',
        rebalances: 0,
        members: '',
        places: new Map(),
      });
  }

  /** A committed message that is there for the readers of its topic. */
  message(topic: string, partition: number, offset: number, replayFor: string | null): void {
    for (const reader of this.#readers.values())
      if (reader.topic === topic && replayFor === null) this.#place(reader, partition).messages.add(offset);
  }

  /** A reader has parked the message at these coordinates. */
  parked(name: ReaderName, coordinates: string | null): void {
    const place = placeOf(coordinates);
    const reader = this.#readers.get(name);
    if (reader && place) this.#place(reader, place.partition).parked.add(place.offset);
  }

  /** What to ask Kafka for. */
  get wanted() {
    return [...this.#readers.values()].map(({ name, topic }) => ({ name, topic }));
  }

  /** Takes in what Kafka says. @returns whether anything changed */
  take(groups: SeenGroup[], partitions: (topic: string) => number, now: number): boolean {
    let changed = false;
    for (const seen of groups) {
      const reader = this.#readers.get(seen.name as ReaderName);
      if (reader) changed = this.#take(reader, seen, partitions(reader.topic), now) || changed;
    }
    return changed;
  }

  /** How many messages a service has finished: passed, and not parked. */
  done(name: ReaderName): number {
    const places = [...(this.#readers.get(name)?.places.values() ?? [])];
    return places.reduce((sum, { messages, parked }) => sum + Math.max(0, messages.count - parked.count), 0);
  }

  /** -1 for none. */
  committed(name: ReaderName, partition: number): number {
    return this.#readers.get(name)?.places.get(partition)?.committed ?? -1;
  }

  /** Up to where in a partition whoever read it is not there any more to do anything about it. */
  abandoned(name: ReaderName, partition: number, now: number): number {
    const place = this.#readers.get(name)?.places.get(partition);
    if (!place?.otherSince || now - place.otherSince < handedOver) return 0;
    return place.committed;
  }

  rebalances(): number {
    return [...this.#readers.values()].reduce((sum, { rebalances }) => sum + rebalances, 0);
  }

  view(endOf: (topic: string, partition: number) => { start: number; end: number }): Group[] {
    return [...this.#readers.values()].map((reader) => ({
      name: reader.name,
      topic: reader.topic,
      state: reader.state,
      rebalances: reader.rebalances,
      done: this.done(reader.name),
      partitions: [...reader.places]
        .sort(([a], [b]) => a - b)
        .map(([partition, { committed, owner }]) => {
          const { start, end } = endOf(reader.topic, partition);
          return { committed, owner, lag: Math.max(0, end - (committed < 0 ? start : committed)) };
        }),
    }));
  }

  /** Nothing is known any more. */
  unknown(): void {
    for (const reader of this.#readers.values()) reader.state = 'unknown';
  }

  #take(reader: Reader, seen: SeenGroup, partitions: number, now: number): boolean {
    const before = summaryOf(reader);
    const first = reader.state === 'unknown';
    reader.state = seen.state === 'dead' ? 'empty' : seen.state;
    const processes = new Map(seen.members.map((member) => [member.memberId, processOf(member)]));
    const ids = new Set(processes.values());
    this.#cast.members(reader.name, ids, now);
    if (seen.state !== 'rebalancing') {
      const members = [...processes.keys()].sort().join();
      if (!first && members !== reader.members && reader.members !== '') reader.rebalances++;
      reader.members = members;
      const owners = new Map<number, string>();
      for (const member of seen.members)
        for (const partition of member.partitions.get(reader.topic) ?? [])
          owners.set(partition, processes.get(member.memberId) as string);
      this.#assign(reader, owners, partitions, now);
    }
    for (const [partition, committed] of seen.committed.get(reader.topic) ?? []) {
      const place = this.#place(reader, partition);
      if (committed !== place.committed) {
        place.committed = committed;
        place.committedBy = place.owner;
        place.otherSince = 0;
      }
      place.messages.moveTo(committed);
      place.parked.moveTo(committed);
    }
    return before !== summaryOf(reader);
  }

  #assign(reader: Reader, owners: Map<number, string>, partitions: number, now: number) {
    const moved = new Map<string, number[]>();
    for (let partition = 0; partition < partitions; partition++) {
      const place = this.#place(reader, partition);
      const owner = owners.get(partition) ?? null;
      if (owner === place.owner) continue;
      if (place.owner && owner)
        moved.set(`${place.owner} ${owner}`, [...(moved.get(`${place.owner} ${owner}`) ?? []), partition]);
      place.owner = owner;
      if (owner === null) continue;
      place.committedBy ??= owner;
      place.otherSince = owner === place.committedBy ? 0 : now;
    }
    for (const [way, which] of moved) {
      const [from = '', to = ''] = way.split(' ').map((id) => this.#cast.nameOf(id));
      const what = which.length === 1 ? 'partition' : 'partitions';
      this.#tell(reader.name, 'warning', `${what} ${which.join(', ')} went from ${from} to ${to}`);
    }
  }

  #place(reader: Reader, partition: number): Place {
    let place = reader.places.get(partition);
    if (!place) {
      const none = { committed: -1, owner: null, committedBy: null, otherSince: 0 };
      place = { ...none, messages: new Passed(), parked: new Passed() };
      reader.places.set(partition, place);
    }
    return place;
  }
}

/** What a page would see of it, to tell whether anything changed. */
const summaryOf = ({ state, places }: Reader) =>
  JSON.stringify([state, [...places].map(([, { committed, owner }]) => [committed, owner])]);

/** Processes of ours call themselves by an id; of others each member counts as one. */
function processOf({ clientId, memberId }: { clientId: string; memberId: string }): string {
  return clientId.startsWith('rideflow-') ? clientId : memberId;
}
