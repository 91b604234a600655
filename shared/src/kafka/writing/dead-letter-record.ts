/**
 * Turns a message that its reader can never process into a record for the dead-letter topic. The record always fits there.
 * Otherwise the message would block its partition forever.
 */
import { type Coordinates, formatCoordinates, type RawRecord } from '../../reading.ts';
import type { ServiceName } from '../../topology.ts';
import type { OutgoingRecord } from './records.ts';
import { sizeOf, sizeOfHeader } from './size.ts';

/** In bytes. A dead-letter topic accepts 2 MiB. A message that was sent compressed can be larger. */
const largestWhole = 1_500_000;
/** The kept parts of a larger message, in bytes. */
const kept = { value: 1_000_000, key: 1000, header: 1000, headers: 10_000 };
/** The longest reason, in characters. */
const longestReason = 2000;

/**
 * The original key, value and headers, and the reason. If the message is too large for the dead-letter topic, only its
 * beginning is kept. It keeps its partition, so the one writer of the partition also writes its dead letters.
 */
export function toDeadLetter(
  topic: string,
  by: ServiceName,
  from: Coordinates,
  record: RawRecord,
  reason: string,
): OutgoingRecord {
  // kafkajs takes a key of four zero bytes for an abort marker when it reads aborted transactions.
  const key = record.key?.equals(Buffer.alloc(4)) ? null : record.key;
  const whole = {
    topic,
    partition: from.partition,
    key,
    value: record.value,
    headers: originalHeaders(record.headers),
  };
  const size = sizeOf(whole);
  const parked = size > largestWhole ? shortened(whole, size) : whole;
  return {
    ...parked,
    headers: {
      ...parked.headers,
      dead_letter_reason: shortReason(reason),
      dead_letter_from: formatCoordinates(from),
      dead_letter_timestamp: record.timestamp,
      dead_letter_by: by,
      dead_letter_at: new Date().toISOString(),
    },
  };
}

/** A long reason, shortened, with the number of omitted characters. */
export function shortReason(reason: string): string {
  const more = reason.length - longestReason;
  return more > 0 ? `${reason.slice(0, longestReason)}... and ${more} more characters` : reason;
}

/**
 * Removes the headers of an earlier parking. A null header becomes empty, because kafkajs cannot write null.
 */
export const originalHeaders = (headers: RawRecord['headers'] = {}): OutgoingRecord['headers'] =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith('dead_letter_'))
      .map(([name, value]) => [name, Array.isArray(value) ? value.map((one) => one ?? '') : (value ?? '')]),
  );

function shortened(record: OutgoingRecord, size: number): OutgoingRecord {
  let room = kept.headers;
  const small = Object.entries(record.headers).filter(([name, value]) => {
    const bytes = sizeOfHeader(name, value);
    if (bytes > kept.header || bytes > room) return false;
    room -= bytes;
    return true;
  });
  return {
    ...record,
    key: record.key && record.key.length > kept.key ? null : record.key,
    value: record.value?.slice(0, kept.value) ?? null,
    headers: {
      ...Object.fromEntries(small),
      dead_letter_truncated:
        `the message has about ${size} bytes; this dead letter keeps the first ${kept.value} bytes of its value, ` +
        `up to ${kept.key} bytes of its key, and small headers`,
    },
  };
}
