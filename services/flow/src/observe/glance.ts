/** What one record says about its ride, at a glance: tolerant, and much cheaper than reading it as its reader does. */

import { parseMessage } from '@rideflow/shared/message-json.ts';
import { header, placeIdentity, type RawRecord, shortHeader } from '@rideflow/shared/reading.ts';
import type { WatchedRecord } from './watched.ts';

export interface Glance {
  topic: string;
  partition: number;
  offset: number;
  /** When its producer wrote it, in milliseconds since 1970. */
  timestamp: number;
  /** `ce_id`, or its coordinates and its timestamp. */
  identity: string;
  ride: string | null;
  customer: string | null;
  /** Milliseconds since 1970; null where it does not say. */
  requestedAt: number | null;
  rejected: boolean;
  /** Coordinates and identity of the message that caused it. */
  cause: string | null;
  causeId: string | null;
  /** The reader that it was written again for; every other reader passes it over. */
  replayFor: string | null;
  /** On a dead-letter topic: the coordinates of the original. */
  parkedFrom: string | null;
  /** On a dead-letter topic: it says that the dead letter at these coordinates is replayed or dropped. */
  settles: string | null;
}

export function glance(topic: string, partition: number, record: WatchedRecord): Glance {
  const named = (name: string) => header(record as unknown as RawRecord, name) ?? null;
  const fields = fieldsOf(record.value);
  const { offset, timestamp, key } = record;
  const ride = textOf(fields.id);
  const id = shortHeader(record as unknown as RawRecord, 'ce_id');
  const causeId = named('ce_causeid');
  /** One copy of a text is kept, wherever it stands. */
  const same = (text: string | null) => (text === ride ? ride : text);
  return {
    topic,
    partition,
    offset,
    timestamp,
    identity: same(id ?? null) || placeIdentity({ topic, partition, offset: String(offset) }, timestamp),
    ride,
    customer: textOf(fields.customer_id) ?? key?.toString() ?? null,
    requestedAt: typeof fields.requested_at === 'string' ? Date.parse(fields.requested_at) || null : null,
    rejected: fields.status === 'rejected',
    cause: named('ce_cause'),
    causeId: same(causeId),
    replayFor: named('replay_for'),
    parkedFrom: named('dead_letter_from'),
    settles: named('dead_letter_by') === null ? named('resolved') : null, // a parked message may have such a header of its own
  };
}

function fieldsOf(value: Buffer | null): Record<string, unknown> {
  try {
    const parsed: unknown = parseMessage(value?.toString() ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown) =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
