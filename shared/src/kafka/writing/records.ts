/** What goes onto a topic: records with the headers of the CloudEvents 1.0 Kafka binding (binary mode) and W3C trace context. */
import { randomFillSync } from 'node:crypto';
import { accepts } from '../../accepts.ts';
import { type Coordinates, formatCoordinates, type RawRecord, type Received } from '../../reading.ts';
import type { Topic } from '../../topics.ts';
import type { ServiceName } from '../../topology.ts';

/** One record ready to be sent. The partition is always explicit: without it a retry could choose another one. */
export interface OutgoingRecord {
  topic: string;
  partition: number;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

interface Origin {
  source: ServiceName;
  /** CloudEvents `id`: the message's identity, the same whenever the same message is sent again. */
  id: string;
  traceparent?: string | undefined;
  /** The message that caused this one. */
  cause?: Received<unknown>;
}

/**
 * A message as a record. `ce_time` is left out: the record's own timestamp has it.
 * @throws Error when the message does not satisfy its topic's schema: writers are strict
 */
export function toRecord<T>(topic: Topic<T>, partition: number, message: T, origin: Origin): OutgoingRecord {
  if (!accepts(topic.schema, message)) {
    const checked = topic.schema.safeParse(message);
    if (!checked.success)
      throw new Error(
        `${origin.source} tried to write a wrong message to ${topic.name}: ${checked.error.message}`,
      );
  }
  return {
    topic: topic.name,
    partition,
    key: topic.key(message),
    value: JSON.stringify(message),
    headers: {
      ce_specversion: '1.0',
      ce_id: origin.id,
      ce_type: topic.type,
      ce_source: `/rideflow/${origin.source}`,
      'content-type': 'application/json',
      traceparent: childOf(origin.traceparent),
      ...(origin.cause && {
        ce_cause: formatCoordinates(origin.cause.coordinates),
        ce_causeid: origin.cause.identity,
      }),
    },
  };
}

// Ids of zeros alone are invalid.
const traceContext = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A new span in the same trace, or a new sampled trace where there is none (W3C Trace Context). */
function childOf(traceparent: string | undefined): string {
  if (traceparent === undefined || !traceContext.test(traceparent))
    return `00-${randomHex(16)}-${randomHex(8)}-01`;
  return `${traceparent.slice(0, 36)}${randomHex(8)}${traceparent.slice(52)}`; // version and trace, span, flags
}

/** Random bytes for many ids at once: asking the system for each takes longer than all the rest of a record. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** In bytes. A dead-letter topic takes 2 MiB; a message that was sent compressed can be larger. */
const largestDeadLetter = 1_500_000;
const keptOfLarger = 1_000_000;

/**
 * A message that its reader can never process, with its original key, value and headers, and why it is parked.
 * Of one that is too large for the dead-letter topic, the beginning is kept: otherwise it would block its partition for ever.
 * It keeps its partition, so that one writer per partition writes the dead letters too.
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
    headers: encodable(record.headers),
  };
  const size = sizeOf(whole);
  const parked = size > largestDeadLetter ? shortened(whole, size) : whole;
  return {
    ...parked,
    headers: {
      ...parked.headers,
      dead_letter_reason: reason,
      dead_letter_from: formatCoordinates(from),
      dead_letter_by: by,
      dead_letter_at: new Date().toISOString(),
    },
  };
}

/** A header may be null, but kafkajs cannot write that: it becomes empty. */
const encodable = (headers: RawRecord['headers'] = {}): OutgoingRecord['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((one) => one ?? '') : (value ?? ''),
    ]),
  );

const shortened = (record: OutgoingRecord, size: number): OutgoingRecord => ({
  ...record,
  key: null,
  value: record.value?.slice(0, keptOfLarger) ?? null,
  headers: {
    dead_letter_truncated: `the message has about ${size} bytes; the first ${keptOfLarger} of its value are kept`,
  },
});

/** About how many bytes a record takes, rather too many than too few. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = 100 + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  for (const [name, content] of Object.entries(headers)) bytes += name.length + String(content).length;
  return bytes;
}
