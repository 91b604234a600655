/**
 * Keys, values and headers of all sizes and encodings, as foreign writers may send them. They are patterns, so even the
 * largest compress well.
 */
import { inspect } from 'node:util';
import fc from 'fast-check';

export interface HostileRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** Most are short, and some are close to a limit: of a request, a topic, or a dead-letter topic. */
const length = fc.oneof(
  { weight: 12, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(70_000) },
  { weight: 1, arbitrary: fc.integer({ min: 690_000, max: 1_100_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_400_000, max: 3_000_000 }) },
);
/** ASCII, multi-byte characters, and invalid UTF-8. A long text may also end with invalid UTF-8 when a character is cut. */
const unit = fc.constantFrom(
  'x',
  '"',
  '{',
  '[',
  '\0',
  '\n',
  'ß',
  '€',
  '😀',
  '\ud800',
  Buffer.from([0xff, 0xfe]),
);
const pattern = fc.tuple(length, unit).map(([length, unit]) => Buffer.alloc(length, unit));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const bytes = fc.oneof(
  { weight: 3, arbitrary: pattern },
  text.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
);

const ride = {
  id: 'ride-1',
  customer_id: 'user_1',
  location: 'Lat: 12.97, Long: 77.59',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
};
/** A ride with one field of any value or length. */
const almostRide = fc
  .tuple(fc.constantFrom(...Object.keys(ride), 'unknown'), fc.oneof(fc.jsonValue(), pattern.map(String)))
  .map(([field, value]) => Buffer.from(JSON.stringify({ ...ride, [field]: value })));
const aRide = fc.constant(Buffer.from(JSON.stringify(ride)));
const value = fc.oneof(fc.constant(null), bytes, almostRide, { weight: 2, arbitrary: aRide });

/** Names with a meaning for a reader, the workbench, or JavaScript. */
const known = [
  'ce_id',
  'ce_causeid',
  'ce_cause',
  'ce_type',
  'traceparent',
  'content-type',
  'replay_for',
  'replayed_from',
]
  .concat(['dead_letter_reason', 'dead_letter_from', 'dead_letter_truncated', 'resolved', 'resolved_by'])
  .concat(['__proto__', 'constructor', 'toString', '']);
const name = fc.oneof(fc.constantFrom(...known), text, pattern.map(String));
const headers = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(
      fc.tuple(name, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 }), fc.constant(undefined))),
      { maxLength: 4 },
    ),
  },
  // Very many tiny ones.
  {
    weight: 1,
    arbitrary: fc
      .nat(30_000)
      .map((count) => [['many', Array.from({ length: count }, () => '')] as [string, string[]]]),
  },
);

/** @param headers one own property for each, with any name */
export const hostileRecord: fc.Arbitrary<HostileRecord> = fc
  .record({ key: fc.oneof(fc.constant(null), bytes), value, headers })
  .map(({ key, value, headers }) => {
    const record = { key, value, headers: Object.fromEntries(headers) };
    return Object.defineProperty(record, fc.toStringMethod, { value: () => inShort(record) });
  });

/** For a report of a failure: the records themselves have megabytes. The seed gives them again. */
const inShort = ({ key, value, headers }: HostileRecord) =>
  inspect(
    { key, value, headers },
    { maxStringLength: 60, maxArrayLength: 5, breakLength: Number.POSITIVE_INFINITY },
  ).replaceAll(/(<Buffer(?: \w\w){0,20})[^>]*>/g, '$1 …>');
