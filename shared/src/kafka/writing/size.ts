/**
 * The size of a record in bytes. Every record is measured before it is written, because a record that Kafka rejects blocks all
 * records after it.
 */
import type { OutgoingRecord } from './records.ts';

/** The largest record on a topic with Kafka's default limit of 1 MiB, in bytes. */
export const largestRecord = 900_000;

type Text = Buffer | string | null | undefined;

/** Whether the record is within that limit. A quick check is enough for most records, which are much smaller. */
export const fits = (record: OutgoingRecord): boolean =>
  3 * charactersIn(record) <= largestRecord || sizeOf(record) <= largestRecord;

/** A character takes at most three bytes. */
function charactersIn({ key, value, headers }: OutgoingRecord): number {
  let count = 100 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name of Object.keys(headers)) {
    const content = headers[name];
    if (Array.isArray(content)) return Number.POSITIVE_INFINITY;
    count += 8 + name.length + (content?.length ?? 0);
  }
  return count;
}

/** The approximate size of a record: never too small, and too large for characters outside ASCII. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = 100 + lengthOf(key) + lengthOf(value);
  for (const name of Object.keys(headers)) bytes += sizeOfHeader(name, headers[name]);
  return bytes;
}

/** A header with several values is written once for each value. */
export function sizeOfHeader(name: string, value: OutgoingRecord['headers'][string]): number {
  const each = lengthOf(name) + 8; // and their lengths
  if (!Array.isArray(value)) return each + lengthOf(value);
  return value.reduce((sum, one) => sum + each + lengthOf(one), 0);
}

/** Counting a short text exactly takes longer than measuring the rest of the record. */
const short = 64;

function lengthOf(text: Text): number {
  if (typeof text === 'string') return text.length < short ? 3 * text.length : Buffer.byteLength(text);
  return text?.length ?? 0;
}
