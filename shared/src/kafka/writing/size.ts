/** How many bytes a record takes. Whatever is about to be written is measured first: one record that Kafka refuses holds up all behind it. */
import type { OutgoingRecord } from './records.ts';

/** Of one record on a topic that has Kafka's own limit of 1 MiB, in bytes. */
export const largestRecord = 900_000;

type Text = Buffer | string | null | undefined;

/** Whether it is no larger than that. Most records are much smaller, which is soon seen. */
export const fits = (record: OutgoingRecord): boolean =>
  3 * charactersIn(record) <= largestRecord || sizeOf(record) <= largestRecord;

/** No character takes more than three bytes. */
function charactersIn({ key, value, headers }: OutgoingRecord): number {
  let count = 100 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name of Object.keys(headers)) {
    const content = headers[name];
    if (Array.isArray(content)) return Number.POSITIVE_INFINITY;
    count += 8 + name.length + (content?.length ?? 0);
  }
  return count;
}

/** About how many bytes a record takes: never too few, and too many by what characters outside ASCII could take. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = 100 + lengthOf(key) + lengthOf(value);
  for (const name of Object.keys(headers)) bytes += sizeOfHeader(name, headers[name]);
  return bytes;
}

/** A header with several values is written once for each of them. */
export function sizeOfHeader(name: string, value: OutgoingRecord['headers'][string]): number {
  const each = lengthOf(name) + 8; // and the lengths of both
  if (!Array.isArray(value)) return each + lengthOf(value);
  return value.reduce((sum, one) => sum + each + lengthOf(one), 0);
}

/** To count a short text exactly takes longer than all the rest of a record's measuring. */
const short = 64;

function lengthOf(text: Text): number {
  if (typeof text === 'string') return text.length < short ? 3 * text.length : Buffer.byteLength(text);
  return text?.length ?? 0;
}
