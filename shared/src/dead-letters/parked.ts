/** The content of the dead-letter topics: dead letters, and the marks that say which of them are replayed or dropped. */

import type { Admin, Kafka } from '../kafka/client/kafkajs.ts';
import { readBack } from '../kafka/observing/read-back.ts';
import { sizeOf } from '../kafka/writing/size.ts';
import { type Coordinates, formatCoordinates, header, type RawRecord } from '../reading.ts';
import { deadLetterTopic, type ReaderName, topology } from '../topology.ts';
import { WorkbenchError } from './errors.ts';

export const readers = (Object.keys(topology) as (keyof typeof topology)[]).filter(
  (name): name is ReaderName => topology[name].reads !== null,
);

export interface Resolved {
  by: 'replay' | 'drop';
  /** RFC 3339. */
  at: string;
  /** Coordinates of the replayed message, `topic/partition/offset`; null after a drop. */
  as: string | null;
  /** The run of the workbench that did it. */
  run: string;
}

export interface DeadLetter {
  /** Its coordinates on the dead-letter topic. */
  coordinates: Coordinates;
  /** The reader that could not process it. */
  reader: ReaderName;
  reason: string;
  /** Coordinates of the original, `topic/partition/offset`; null if it was not parked by a reader. */
  from: string | null;
  /** RFC 3339. */
  parkedAt: string;
  /** Size of the value in bytes; null if the message has none. */
  bytes: number | null;
  /** Approximate size of the record, in bytes. */
  size: number;
  /** What is missing, if only the beginning could be kept. */
  truncated: string | null;
  /** The latest mark; null while it is parked. */
  resolved: Resolved | null;
}

/** One partition of a dead-letter topic, with its first offset and its end. */
export interface Place {
  topic: string;
  partition: number;
  reader: ReaderName;
  from: bigint;
  to: bigint;
}

/** The partitions that match a filter. Topics that do not exist have none. */
export async function placesOf(admin: Admin, { reader, topic }: Filter = {}): Promise<Place[]> {
  const existing = new Set(await admin.listTopics());
  const places: Place[] = [];
  for (const name of readers) {
    const parking = deadLetterTopic(name);
    if (!existing.has(parking) || (reader && reader !== name)) continue;
    if (topic && topic !== parking && topic !== topology[name].reads) continue;
    const ends = await admin.fetchTopicOffsets(parking);
    ends.sort((a, b) => a.partition - b.partition);
    for (const { partition, low, high } of ends)
      places.push({ topic: parking, partition, reader: name, from: BigInt(low), to: BigInt(high) });
  }
  return places;
}

export interface Filter {
  reader?: ReaderName | undefined;
  /** A dead-letter topic, or the topic of the original messages. */
  topic?: string | undefined;
}

/** All dead letters of one partition, in the order in which they were parked, without their values. */
export async function scan(kafka: Kafka, place: Place): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  await readBack(kafka, place, (message) => {
    const record = message as RawRecord;
    // A parked message may have such a header itself.
    const mark = header(record, 'dead_letter_by') ? undefined : header(record, 'resolved');
    if (mark === undefined) {
      const letter = describe(place, record);
      letters.set(formatCoordinates(letter.coordinates), letter);
      return;
    }
    const letter = letters.get(mark);
    if (letter) letter.resolved = resolvedBy(record);
  });
  return [...letters.values()];
}

/** The records at these offsets of a partition, sorted by offset. */
export async function recordsAt(kafka: Kafka, place: Place, offsets: string[]): Promise<RawRecord[]> {
  const wanted = new Set(offsets);
  const found: RawRecord[] = [];
  const numbers = offsets.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  const [from = 0n, to = -1n] = [numbers[0], numbers.at(-1)];
  await readBack(kafka, { ...place, from, to: to + 1n }, (message) => {
    if (wanted.has(message.offset)) found.push(message as RawRecord);
  });
  return found;
}

/**
 * `ride_confirmed.email.dlq/0/5`
 * @throws WorkbenchError with the existing dead-letter topics
 */
export function parseCoordinates(text: string): Coordinates & { reader: ReaderName } {
  const [, topic = '', partition, offset = ''] = /^([^/]+)\/(\d{1,9})\/(\d{1,18})$/.exec(text) ?? [];
  const reader = readers.find((name) => deadLetterTopic(name) === topic);
  if (reader) return { topic, partition: Number(partition), offset: String(BigInt(offset)), reader };
  throw new WorkbenchError(
    `${text}: must be the coordinates of a dead letter, <topic>/<partition>/<offset>, where the topic is ` +
      `${readers.map(deadLetterTopic).join(' or ')}.`,
  );
}

function describe(place: Place, record: RawRecord): DeadLetter {
  const { topic, partition, reader } = place;
  return {
    coordinates: { topic, partition, offset: record.offset },
    reader,
    reason: header(record, 'dead_letter_reason') ?? 'none was given',
    from: header(record, 'dead_letter_from') ?? null,
    parkedAt: header(record, 'dead_letter_at') ?? new Date(Number(record.timestamp)).toISOString(),
    bytes: record.value?.length ?? null,
    size: sizeOf({ topic, partition, ...record, headers: record.headers ?? {} }),
    truncated: header(record, 'dead_letter_truncated') ?? null,
    resolved: null,
  };
}

const resolvedBy = (record: RawRecord): Resolved => ({
  by: header(record, 'resolved_by') === 'drop' ? 'drop' : 'replay',
  at: header(record, 'at') ?? '',
  as: header(record, 'as') ?? null,
  run: header(record, 'run') ?? '',
});
