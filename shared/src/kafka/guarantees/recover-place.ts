/**
 * Finds where a partition continues if its group has no committed offset. Kafka deletes offsets after some time, and anybody
 * can delete them. But each decision and each dead letter names the message that caused it. So exactly once does not depend on
 * how long Kafka keeps offsets.
 */
import { header, identityOf, type RawRecord } from '../../reading.ts';
import { namedCause, names } from './decided-messages.ts';

/** An input message that an output names. */
export interface Cause {
  offset: bigint;
  /** Whether this record is that message, and not one with the same offset in a recreated topic. */
  is(record: RawRecord): boolean;
}

/** The message that caused a decision; undefined if it names none in this partition. */
export function causeOfDecision(record: RawRecord, topic: string, partition: number): Cause | undefined {
  const offset = offsetIn(header(record, 'ce_cause'), topic, partition);
  if (offset === undefined) return undefined;
  const cause = namedCause(record);
  const at = { topic, partition, offset: String(offset) };
  return { offset, is: (input) => cause !== undefined && names(cause, identityOf(input, at)) };
}

/** The original of a dead letter; undefined if it names none in this partition. */
export function causeOfLetter(letter: RawRecord, topic: string, partition: number): Cause | undefined {
  const offset = offsetIn(header(letter, 'dead_letter_from'), topic, partition);
  if (offset === undefined) return undefined;
  const truncated = header(letter, 'dead_letter_truncated') !== undefined;
  const bytes = ({ value }: RawRecord) => value ?? Buffer.alloc(0);
  return { offset, is: (input) => truncated || bytes(input).equals(bytes(letter)) };
}

function offsetIn(coordinates: string | undefined, topic: string, partition: number): bigint | undefined {
  const start = `${topic}/${partition}/`;
  const offset = coordinates?.startsWith(start) ? coordinates.slice(start.length) : '';
  return /^\d{1,19}$/.test(offset) ? BigInt(offset) : undefined;
}

/** The later of two. */
export const later = (a: Cause | undefined, b: Cause | undefined): Cause | undefined =>
  a && b ? (a.offset >= b.offset ? a : b) : (a ?? b);

/**
 * @param newest the newest message that an output names
 * @param log the first offset of the input, and its end
 * @param read the record at an offset of the input
 * @returns the offset after that message; null if the input was recreated, and so is read from its start
 */
export async function placeBehind(
  newest: Cause,
  log: { start: bigint; end: bigint },
  read: (offset: bigint) => Promise<RawRecord | undefined>,
): Promise<bigint | null> {
  if (newest.offset >= log.end) return null;
  if (newest.offset < log.start) return newest.offset + 1n;
  const record = await read(newest.offset);
  return record && newest.is(record) ? newest.offset + 1n : null;
}
