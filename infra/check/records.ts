/**
 * Extracts from a raw record what the checker needs: headers, and the fields that our services and the tutorials' scripts
 * share.
 */
import { parseMessage } from '@rideflow/shared/message-json.ts';
import type { Decision, Entry, Place, Resolution } from './facts.ts';

/** A record as kafkajs decodes it. */
export interface Raw {
  offset: string;
  timestamp: string;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | null | undefined>;
}

/** Stores equal texts once, so half a million rides need little memory. */
const strings = new Map<string, string>();
function intern(text: string): string {
  const known = strings.get(text);
  if (known !== undefined) return known;
  strings.set(text, text);
  return text;
}

export function header({ headers }: Raw, name: string): string | null {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  const text = first?.toString();
  return text ? intern(text) : null;
}

/**
 * Coordinates on that topic such as `ride_details/2/1041`, also from an identity of coordinates and timestamp; null for
 * anything else.
 */
export function placeOn(topic: string, text: string | null): Place | null {
  const [, found, partition, offset] =
    /^([\w.-]+)\/(\d{1,9})\/(\d{1,15})(?:@-?\d{1,19})?$/.exec(text ?? '') ?? [];
  return found === topic ? { partition: Number(partition), offset: Number(offset) } : null;
}

export function toEntry(topic: string, partition: number, raw: Raw): Entry {
  return entryOf(topic, partition, raw, fieldsOf(raw));
}

export function toDecision(topic: string, partition: number, raw: Raw): Decision {
  const fields = fieldsOf(raw);
  const entry = entryOf(topic, partition, raw, fields);
  const { status, pickup_minutes, pickup_time, alloted_driver, requested_at } = fields;
  const [, fromText] = /^(\d{1,4}) ?mins?$/.exec(String(pickup_time)) ?? [];
  const asked = Date.parse(String(requested_at));
  return {
    ...entry,
    // A decision without an id gets its coordinates as id.
    id: entry.id ?? `${topic}-${partition}-${raw.offset}`,
    causeId: header(raw, 'ce_causeid'),
    cause: placeOn('ride_details', header(raw, 'ce_cause')),
    rejected: status === 'rejected',
    minutes: numberIn(pickup_minutes) ?? (fromText ? Number(fromText) : null),
    driver: typeof alloted_driver === 'string' ? intern(alloted_driver) : null,
    at: Math.min(Number.isNaN(asked) ? Number.POSITIVE_INFINITY : asked, entry.timestamp),
  };
}

/** A number, or a text that represents one. */
function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : null;
}

/** The content of a marker on a dead-letter topic; null if the record is a dead letter and not a marker. */
export function toResolution(topic: string, raw: Raw): { of: Place; how: Resolution } | null {
  if (header(raw, 'dead_letter_by')) return null; // a dead letter may have such a header of its own
  const of = placeOn(topic, header(raw, 'resolved'));
  return of && { of, how: header(raw, 'resolved_by') === 'replay' ? 'replay' : 'drop' };
}

function entryOf(topic: string, partition: number, raw: Raw, { id, customer_id }: Fields): Entry {
  return {
    partition,
    offset: Number(raw.offset),
    timestamp: Number(raw.timestamp),
    identity: header(raw, 'ce_id') ?? `${topic}/${partition}/${raw.offset}@${raw.timestamp}`,
    replayFor: header(raw, 'replay_for'),
    id: typeof id === 'string' || Number.isSafeInteger(id) ? intern(String(id)) : null,
    customer: typeof customer_id === 'string' ? intern(customer_id) : null,
  };
}

type Fields = Record<string, unknown>;

/** A value that is not a JSON object has no fields. Its reader parks it. */
function fieldsOf({ value }: Raw): Fields {
  try {
    const parsed = parseMessage(value?.toString() ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : {};
  } catch {
    return {};
  }
}
