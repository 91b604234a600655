/** What is on the dead-letter topics: dead letters, and the marks that one of them was replayed or dropped. */

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
  /** Where the replayed message is, `topic/partition/offset`; null after a drop. */
  as: string | null;
  /** Which run of the workbench did it. */
  run: string;
}

export interface DeadLetter {
  /** Its own place, on the dead-letter topic. */
  coordinates: Coordinates;
  /** Who could not process it. */
  reader: ReaderName;
  reason: string;
  /** Where the original is, `topic/partition/offset`; null when somebody else than a reader parked it. */
  from: string | null;
  /** RFC 3339. */
  parkedAt: string;
  /** Of the value; null when the message has none. */
  bytes: number | null;
  /** About what the whole record takes, in bytes. */
  size: number;
  /** What is missing, where only the beginning could be kept. */
  truncated: string | null;
  /** The latest mark; null while it is parked. */
  resolved: Resolved | null;
}

/** One partition of a dead-letter topic, and the offsets between which it has records. */
export interface Place {
  topic: string;
  partition: number;
  reader: ReaderName;
  from: bigint;
  to: bigint;
}

/** The partitions that a filter leaves. Topics that were never made hold nothing. */
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
  /** A dead-letter topic, or the topic that the dead letters came from. */
  topic?: string | undefined;
}

/** All dead letters of one partition, in the order of parking; their values are not kept. */
export async function scan(kafka: Kafka, place: Place): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  await readBack(kafka, place, (message) => {
    const record = message as RawRecord;
    // A parked message may have such a header of its own.
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

/** The records at these offsets of a partition, in order. */
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
 * @throws WorkbenchError with the dead-letter topics that there are
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
