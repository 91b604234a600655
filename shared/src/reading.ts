/**
 * The tolerant edge: turns a record into the one typed shape. Accepts what the public tutorials' scripts send: an integer id
 * or none, a location as text or none, numbers in any spelling or as text, no status, no pickup_minutes, unknown extra fields,
 * no key, no headers.
 */
import { z } from 'zod';
import { accepts } from './accepts.ts';
import { toAsciiAddress } from './email-address.ts';
import { Unprocessable } from './errors.ts';
import { parseMessage } from './message-json.ts';
import { defaultEmail, Location, RideConfirmed, RideDetails } from './messages.ts';
import type { TopicName } from './topics.ts';

/** A record from a Kafka client; `offset` is a decimal. */
export interface RawRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
  offset: string;
  /** Milliseconds since 1970, a decimal. */
  timestamp: string;
}

/** The coordinates of a message. */
export interface Coordinates {
  topic: string;
  partition: number;
  offset: string;
}

/** A message after the edge. */
export interface Received<T> {
  value: T;
  /** `ce_id`, or `placeIdentity` if a foreign writer set none. Never the foreign `id`, which those scripts restart at 0. */
  identity: string;
  coordinates: Coordinates;
  /** When Kafka received it, in milliseconds since 1970. */
  timestamp: number;
  /** W3C trace context of the writer. */
  traceparent: string | undefined;
  /** The identity of the message that caused this one (`ce_causeid`), if it is valid. */
  causeId: string | undefined;
}

/** The longest identity, in bytes of UTF-8. Many are kept in memory, and each decision carries two. */
export const longestIdentity = 256;

/** `ride_details/2/1041` */
export const formatCoordinates = ({ topic, partition, offset }: Coordinates) =>
  `${topic}/${partition}/${offset}`;

/** `ride_details/2/1041@1700000000000`: with the record's timestamp, because a recreated topic starts again at offset 0. */
export const placeIdentity = (at: Coordinates, timestamp: number | string) =>
  `${formatCoordinates(at)}@${timestamp}`;

/** One header as text; the first one if it is repeated. */
export function header(record: Pick<RawRecord, 'headers'>, name: string): string | undefined {
  const value = record.headers?.[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first?.toString(); // Kafka allows null as a value
}

/** The same, or undefined if it is longer than an identity may be. No header that is passed on needs to be longer. */
export function shortHeader(record: Pick<RawRecord, 'headers'>, name: string): string | undefined {
  const text = header(record, name);
  return text !== undefined && Buffer.byteLength(text) <= longestIdentity ? text : undefined;
}

/** `ce_id`, or `placeIdentity` where a foreign writer gave none. */
export const identityOf = (record: Pick<RawRecord, 'headers' | 'timestamp'>, at: Coordinates): string =>
  header(record, 'ce_id') || placeIdentity(at, record.timestamp);

/**
 * Reads one record.
 * @param emailDomain domain of the default e-mail address
 * @throws Unprocessable with every wrong field and what is accepted
 */
export function read<N extends TopicName>(
  topic: N,
  partition: number,
  record: RawRecord,
  emailDomain?: string,
): Received<N extends 'ride_details' ? RideDetails : RideConfirmed>;
export function read(
  topic: TopicName,
  partition: number,
  record: RawRecord,
  emailDomain?: string,
): Received<RideDetails | RideConfirmed> {
  const coordinates = { topic, partition, offset: record.offset };
  const timestamp = Number(record.timestamp);
  const identity = identityOf(record, coordinates);
  const bytes = Buffer.byteLength(identity);
  if (bytes > longestIdentity)
    throw new Unprocessable(`the header ce_id has ${bytes} bytes; up to ${longestIdentity} are accepted`);
  const fields = normalize(parseJson(record.value), coordinates, timestamp, emailDomain);
  const value =
    topic === 'ride_details'
      ? check(RideDetails, tolerant.ride_details, fields)
      : check(RideConfirmed, tolerant.ride_confirmed, withOutcome(fields));
  return {
    value,
    identity,
    coordinates,
    timestamp,
    traceparent: shortHeader(record, 'traceparent'),
    causeId: causeIdOf(record),
  };
}

/** Version 1.0 used only the coordinates as the identity of a message without `ce_id`. No identity has that form now. */
function causeIdOf(record: RawRecord): string | undefined {
  const id = shortHeader(record, 'ce_causeid');
  return id === undefined || id === header(record, 'ce_cause') ? undefined : id;
}

// Unknown extra fields are ignored, not rejected.
const location = z
  .object(Location.shape, 'must be an object with lat and long, or a text like "Lat: 12.97, Long: 77.59"')
  .nullable();
/** What a reader accepts, by topic, when its defaults are filled in. */
export const tolerant = {
  ride_details: z.object({ ...RideDetails.shape, location }),
  ride_confirmed: z.object({ ...RideConfirmed.shape, location }),
};

type Fields = Record<string, unknown>;

function parseJson(value: Buffer | null): Fields {
  if (value === null || value.length === 0)
    throw new Unprocessable('the message has no value, but must be a JSON object');
  let parsed: unknown;
  try {
    parsed = parseMessage(utf8.decode(value));
  } catch (error) {
    throw new Unprocessable(
      `the value is not JSON in UTF-8 (${(error as Error).message}), but must be a JSON object`,
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Unprocessable('the value is JSON, but must be an object');
  }
  return parsed as Fields;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The latest time in RFC 3339, 9999-12-31. The timestamp of a record can be any number that its writer set. */
const lastTime = 253_402_300_799_999;

/**
 * The common fields of both messages: id, customer, location, times. Changes `fields`, which were just parsed and have no
 * other owner.
 */
function normalize(fields: Fields, at: Coordinates, timestamp: number, emailDomain?: string): Fields {
  const { id, customer_id, customer_email, location } = fields;
  if (typeof id !== 'string')
    fields.id = typeof id === 'number' ? String(id) : (id ?? `${at.topic}-${at.partition}-${at.offset}`);
  if (typeof customer_email === 'string') fields.customer_email = toAsciiAddress(customer_email);
  else
    fields.customer_email ??=
      typeof customer_id === 'string' ? defaultEmail(customer_id, emailDomain) : undefined;
  fields.location = typeof location === 'string' ? locationFromText(location) : withNumbers(location ?? null);
  fields.requested_at ??= new Date(Math.min(Math.max(timestamp, 0), lastTime)).toISOString();
  return fields;
}

/** Numbers as languages and people write them: `12.97`, `-5e-05`, `+5`, `.5`, `5.`, `1E2`. */
const number = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const numberAlone = new RegExp(String.raw`^\s*${number}\s*$`, 'i');
const placeInText = new RegExp(String.raw`^\s*lat:\s*(${number})\s*,\s*long:\s*(${number})\s*$`, 'i');

/** `Lat: 12.97, Long: 77.59`; anything else is returned unchanged, and the schema rejects it. */
function locationFromText(text: string): unknown {
  const match = placeInText.exec(text);
  return match ? { lat: Number(match[1]), long: Number(match[2]) } : text;
}

/** `{"lat": "12.97", "long": "77.59"}`, as scripts that read CSV send it. */
function withNumbers(location: unknown): unknown {
  const { lat, long } = (location ?? {}) as Fields;
  if (typeof lat !== 'string' && typeof long !== 'string') return location;
  return { ...(location as Fields), lat: numberOf(lat), long: numberOf(long) };
}

const numberOf = (value: unknown) =>
  typeof value === 'string' && numberAlone.test(value) ? Number(value) : value;

/** No status means confirmed. If the number of minutes is missing, it is read from the text. */
function withOutcome(fields: Fields): Fields {
  fields.status ??= 'confirmed';
  const rejected = fields.status === 'rejected';
  fields.payment_status ??= fields.status === 'confirmed' ? 'paid' : 'declined';
  fields.alloted_driver ??= rejected ? null : undefined;
  fields.pickup_time ??= rejected ? null : undefined;
  fields.pickup_minutes =
    numberOf(fields.pickup_minutes) ?? minutesIn(fields.pickup_time) ?? (rejected ? null : undefined);
  fields.reason ??= null;
  fields.decided_at ??= fields.requested_at;
  return fields;
}

/** `12mins` */
function minutesIn(text: unknown): number | undefined {
  const minutes = typeof text === 'string' ? /^(\d{1,4}) ?mins?$/.exec(text)?.[1] : undefined;
  return minutes === undefined ? undefined : Number(minutes);
}

/** @param strict the shape that we write, which is quick to check */
function check<T>(strict: z.ZodType<T>, tolerant: z.ZodType<T>, fields: Fields): T {
  if (accepts(strict, fields)) return fields;
  const result = tolerant.safeParse(fields);
  if (result.success) return result.data;
  throw new Unprocessable(describeIssues(result.error));
}

/** `customer_id: expected string, received undefined; location.lat: too big` */
export const describeIssues = (error: z.ZodError) =>
  error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ');
