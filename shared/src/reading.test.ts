import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rideConfirmedSamples, rideDetailsSamples } from '../../test/support/tutorial-messages.ts';
import { Unprocessable } from './errors.ts';
import { RideConfirmed, RideDetails } from './messages.ts';
import { header, type RawRecord, read } from './reading.ts';
import type { TopicName } from './topics.ts';

const timestamp = Date.parse('2026-01-01T12:00:00.000Z');
/** A record as a foreign client writes it: no key, no headers. */
const record = (value: unknown, more: Partial<RawRecord> = {}): RawRecord => ({
  key: null,
  value:
    Buffer.isBuffer(value) || value === null
      ? value
      : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  offset: '1041',
  timestamp: String(timestamp),
  ...more,
});
/** Why a record cannot be read. */
function reasonOf(topic: TopicName, raw: RawRecord): string {
  try {
    read(topic, 2, raw);
  } catch (error) {
    expect(error).toBeInstanceOf(Unprocessable); // anything else would be tried again for ever
    return (error as Error).message;
  }
  throw new Error('it was read');
}

const ride: RideDetails = {
  id: '0198c0de-0000-7000-8000-000000000001',
  customer_id: 'user_1',
  location: { lat: 12.97, long: 77.59 },
  customer_email: 'user_1@example.com',
  payment_token: 'tok_flaky',
  requested_at: '2026-01-01T12:00:00.000Z',
};
const confirmed: RideConfirmed = {
  id: ride.id,
  customer_id: 'user_1',
  customer_email: 'user_1@example.com',
  location: null,
  status: 'rejected',
  payment_status: 'declined',
  alloted_driver: null,
  pickup_time: null,
  pickup_minutes: null,
  reason: 'The payment was declined.',
  requested_at: '2026-01-01T12:00:00.000Z',
  decided_at: '2026-01-01T12:00:00.009Z',
};

describe('what the tutorials send in place of rides', () => {
  test.each(rideDetailsSamples)('$what is read into the one typed shape', ({ sent, seen }) => {
    const { value } = read('ride_details', 2, record(sent));
    expect(value).toMatchObject(seen);
    expect(RideDetails.parse(value)).toEqual(value);
    if (!('requested_at' in sent)) expect(value.requested_at).toBe('2026-01-01T12:00:00.000Z');
  });
});

describe('what the tutorials send in place of transaction', () => {
  test.each(rideConfirmedSamples)('$what is read into the one typed shape', ({ sent, seen }) => {
    const { value } = read('ride_confirmed', 2, record(sent));
    expect(value).toMatchObject(seen);
    expect(RideConfirmed.parse(value)).toEqual(value);
    expect(value.decided_at).toBe('2026-01-01T12:00:00.000Z');
  });
});

describe('what we write ourselves', () => {
  test('is read as it was written', () => {
    expect(read('ride_details', 0, record(ride)).value).toEqual(ride);
    expect(read('ride_confirmed', 0, record(confirmed)).value).toEqual(confirmed);
  });

  test.each([RideDetails, RideConfirmed])('has no unknown field', (schema) => {
    const message = schema === RideDetails ? ride : confirmed;
    expect(schema.safeParse(message).success).toBe(true);
    expect(schema.safeParse({ ...message, vehicle: 'auto' }).success).toBe(false);
  });

  test('brings its identity, its cause and its trace in the headers', () => {
    const headers = {
      ce_id: Buffer.from('abc'),
      ce_causeid: Buffer.from('def'),
      traceparent: Buffer.from('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    };
    expect(read('ride_confirmed', 2, record(confirmed, { headers }))).toMatchObject({
      identity: 'abc',
      causeId: 'def',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      coordinates: { topic: 'ride_confirmed', partition: 2, offset: '1041' },
      timestamp,
    });
  });
});

describe('the identity of a message', () => {
  test('is its coordinates and its time if the writer set none, and never the foreign id', () => {
    const sent = { id: 0, customer_id: 'user_1' };
    expect(read('ride_details', 2, record(sent))).toMatchObject({
      identity: `ride_details/2/1041@${timestamp}`,
      causeId: undefined,
      traceparent: undefined,
    });
    const later = record(sent, { offset: '7', timestamp: '1800000000000' });
    expect(read('ride_details', 1, later).identity).toBe('ride_details/1/7@1800000000000');
  });

  test('has 256 bytes at most: a longer one is unprocessable, with its length and what is accepted', () => {
    const sent = { customer_id: 'user_1' };
    const identified = (ce_id: string) => record(sent, { headers: { ce_id: Buffer.from(ce_id) } });
    for (const ce_id of ['x'.repeat(256), '€'.repeat(85)])
      expect(read('ride_details', 2, identified(ce_id)).identity).toBe(ce_id);
    for (const [ce_id, bytes] of [
      ['x'.repeat(257), 257],
      ['€'.repeat(86), 258],
      ['x'.repeat(530_000), 530_000],
    ] as const)
      expect(reasonOf('ride_details', identified(ce_id))).toBe(
        `the header ce_id has ${bytes} bytes; up to 256 are accepted`,
      );
  });

  test('of a cause, and a trace, are not carried on when they are longer than that', () => {
    const headers = { ce_causeid: Buffer.from('x'.repeat(257)), traceparent: Buffer.from('€'.repeat(86)) };
    expect(read('ride_confirmed', 2, record(confirmed, { headers }))).toMatchObject({
      causeId: undefined,
      traceparent: undefined,
    });
  });

  test('of a cause is missing if it only has coordinates, as in the previous version', () => {
    const named = (ce_causeid: string) => {
      const headers = { ce_cause: Buffer.from('ride_details/2/7'), ce_causeid: Buffer.from(ce_causeid) };
      return read('ride_confirmed', 2, record(confirmed, { headers })).causeId;
    };
    expect(named('ride_details/2/7')).toBeUndefined();
    expect(named('ride_details/2/7@1700000000000')).toBe('ride_details/2/7@1700000000000');
    expect(named('ride_details/2/6')).toBe('ride_details/2/6'); // of a replay
  });

  test.each([
    ['empty', Buffer.alloc(0), `ride_details/2/1041@${timestamp}`],
    ['null, which Kafka allows', null as unknown as Buffer, `ride_details/2/1041@${timestamp}`],
    ['repeated', [Buffer.from('first'), Buffer.from('second')], 'first'],
    [
      'repeated and null',
      [null as unknown as Buffer, Buffer.from('second')],
      `ride_details/2/1041@${timestamp}`,
    ],
  ])('survives a ce_id header that is %s', (_what, ce_id, identity) => {
    const raw = record({ customer_id: 'user_1' }, { headers: { ce_id } });
    expect(read('ride_details', 2, raw).identity).toBe(identity);
  });

  test('header returns undefined for a missing header', () => {
    expect(header({}, 'ce_id')).toBeUndefined();
  });
});

describe('an unreadable message is unprocessable, with the reason and what is accepted', () => {
  test.each<[string, unknown, RegExp]>([
    ['no value', null, /has no value, but must be a JSON object/],
    ['an empty value', '', /has no value, but must be a JSON object/],
    ['text that is no JSON', 'Lat: 12.97', /not JSON in UTF-8 .*, but must be a JSON object/],
    ['JSON that ends early', '{"id":1,', /not JSON in UTF-8/],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /not JSON in UTF-8/],
    ['an array', [{ customer_id: 'user_1' }], /is JSON, but must be an object/],
    ['null', 'null', /must be an object/],
    ['a number', '17', /must be an object/],
    ['a text', '"ride"', /must be an object/],
    ['no customer', { id: 1 }, /^customer_id: .*expected string/],
    ['a customer that is a number', { customer_id: 4 }, /^customer_id: .*expected string, received number/],
    [
      'an impossible customer',
      { customer_id: 'a b', customer_email: 'a@b.example' },
      /^customer_id: must be 1 to 64 letters/,
    ],
    [
      'a latitude beyond the pole',
      { customer_id: 'u', location: { lat: 91, long: 0 } },
      /^location\.lat: .*<=90/,
    ],
    [
      'a longitude in words',
      { customer_id: 'u', location: { lat: 1, long: 'two' } },
      /^location\.long: .*expected number/,
    ],
    [
      'no latitude',
      { customer_id: 'u', location: { lat: '', long: 2 } },
      /^location\.lat: .*expected number/,
    ],
    [
      'a latitude in hexadecimal',
      { customer_id: 'u', location: { lat: '0x1f', long: 2 } },
      /^location\.lat: .*expected number/,
    ],
    [
      'a location of endless numbers',
      { customer_id: 'u', location: 'Lat: 1e999, Long: 2' },
      /^location\.lat: .*expected number/,
    ],
    [
      'a location text out of range',
      { customer_id: 'u', location: 'Lat: 1, Long: 181' },
      /^location\.long: .*<=180/,
    ],
    [
      'a location in words',
      { customer_id: 'u', location: 'at the corner' },
      /^location: .*Lat: 12\.97, Long: 77\.59/,
    ],
    ['a number too long for an id', `{"id":${'1'.repeat(129)},"customer_id":"u"}`, /^id: .*<=128/],
    ['true for an id', { id: true, customer_id: 'u' }, /^id: .*expected string/],
    ['an id too long', { id: 'x'.repeat(129), customer_id: 'u' }, /^id: .*<=128/],
    [
      'no address',
      { customer_id: 'u', customer_email: 'nobody' },
      /^customer_email: must be an e-mail address such as user_1@example\.com: it has no @$/,
    ],
    [
      'a number for an address',
      { customer_id: 'u', customer_email: 7 },
      /^customer_email: .*expected string/,
    ],
    [
      'two dots in a row in an address',
      { customer_id: 'u', customer_email: 'a..b@example.com' },
      /^customer_email: .*a dot before the @ must be between two other characters/,
    ],
    [
      'an unknown token',
      { customer_id: 'u', payment_token: 'tok_x' },
      /^payment_token: .*"tok_ok"\|"tok_declined"\|"tok_flaky"/,
    ],
    ['a time in words', { customer_id: 'u', requested_at: 'noon' }, /^requested_at: .*ISO datetime/],
    [
      'the key __proto__ as a disguise',
      '{"__proto__":{"customer_id":"user_1"}}',
      /^customer_id: .*expected string/,
    ],
  ])('%s', (_what, value, reason) => {
    expect(reasonOf('ride_details', record(value))).toMatch(reason);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown status', { status: 'perhaps' }, /status: .*"confirmed"\|"rejected"/],
    ['a confirmed ride without a driver', { alloted_driver: undefined }, /alloted_driver: .*expected string/],
    [
      'a confirmed ride without a pickup time',
      { pickup_time: undefined },
      /pickup_time: .*; pickup_minutes: /,
    ],
    ['a pickup time in words', { pickup_time: 'soon' }, /pickup_time: .*12mins/],
    ['half a minute', { pickup_minutes: 0.5 }, /pickup_minutes: .*expected int/],
    ['minutes below zero', { pickup_minutes: -1 }, /pickup_minutes: .*>=0/],
  ])('%s', (_what, change, reason) => {
    const sent = { customer_id: 'user_1', alloted_driver: 'driver_4', pickup_time: '12mins', ...change };
    expect(reasonOf('ride_confirmed', record(sent))).toMatch(reason);
  });

  test('every wrong field is named', () => {
    const reason = reasonOf(
      'ride_details',
      record({ id: [], customer_id: '', location: { lat: 100, long: 200 }, payment_token: 1 }),
    );
    for (const field of ['id: ', 'customer_id: ', 'location.lat: ', 'location.long: ', 'payment_token: ']) {
      expect(reason).toContain(field);
    }
  });

  test('a customer whose address cannot be made up needs one', () => {
    expect(reasonOf('ride_details', record({ customer_id: 'a..b' }))).toMatch(/^customer_email: /);
    const sent = { customer_id: 'a..b', customer_email: 'ab@example.com' };
    expect(read('ride_details', 0, record(sent)).value.customer_email).toBe('ab@example.com');
  });
});

/** One number in the spellings of JavaScript, Python, Java and people. */
const spellings = (n: number) => {
  const plain = String(n);
  const exponent = n.toExponential();
  return [
    plain,
    exponent,
    exponent.toUpperCase(),
    exponent.replace(/e([+-])(\d)$/, 'e$10$2'), // Python: 5e-05
    exponent.replace('e+', 'e'),
    n > 0 ? `+${plain}` : plain,
    plain.replace(/^(-?)0\./, '$1.'),
    /^-?\d+$/.test(plain) ? `${plain}.` : plain,
    /^-?\d+$/.test(plain) ? `${plain}.0` : plain,
    ` ${plain}\t`,
  ];
};

test('a place is the same number, however it is spelled: in text, and as a text', () => {
  const degrees = (most: number) =>
    fc.oneof(
      fc.double({ min: -most, max: most, noNaN: true }),
      fc.double({ min: -1e-4, max: 1e-4, noNaN: true }),
      fc.integer({ min: -most, max: most }),
    );
  const spelled = (n: number) => fc.constantFrom(...spellings(n)).map((text) => ({ n: n + 0, text }));
  fc.assert(
    fc.property(degrees(90).chain(spelled), degrees(180).chain(spelled), (lat, long) => {
      for (const location of [`Lat: ${lat.text}, Long: ${long.text}`, { lat: lat.text, long: long.text }]) {
        const { value } = read('ride_details', 0, record({ customer_id: 'u', location }));
        expect([value.location?.lat, value.location?.long].map((n) => (n ?? 0) + 0)).toEqual([lat.n, long.n]);
      }
    }),
    { numRuns: 2000 },
  );
});

// Where the time grew with the square of the length, this would take longer than a test may.
test('a long text of digits that is not a number is rejected', () => {
  for (const text of [`${'1'.repeat(900_000)}x`, `${' '.repeat(900_000)}x`, `1e${'1'.repeat(900_000)}x`]) {
    reasonOf('ride_details', record({ customer_id: 'u', location: `Lat: ${text}, Long: 1` }));
    reasonOf('ride_details', record({ customer_id: 'u', location: { lat: text, long: 1 } }));
  }
});

test('a numeric id keeps all its digits, anywhere in the message', () => {
  const digits = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 127n }).map(String),
    fc.constantFrom('9007199254740993', '12345678901234567890', '1.50', '1e400', '0.30000000000000004'),
  );
  const filler = fc.constantFrom('', '"x":{"id":1e99},', '"location":null,"tags":[{"id":2}],');
  fc.assert(
    fc.property(digits, filler, filler, (id, before, after) => {
      const sent = `{${before}"id":${id},${after}"customer_id":"user_1"}`;
      expect(read('ride_details', 0, record(sent)).value.id).toBe(id);
    }),
    { numRuns: 500 },
  );
});

test('a key __proto__ changes nothing', () => {
  const { value } = read('ride_details', 0, record('{"__proto__":{"polluted":true},"customer_id":"user_1"}'));
  expect(value).not.toHaveProperty('polluted');
  expect({}).not.toHaveProperty('polluted');
});

test('the domain of made-up addresses can be set', () => {
  const { value } = read('ride_details', 0, record({ customer_id: 'user_1' }), 'rides.example');
  expect(value.customer_email).toBe('user_1@rides.example');
});

test('every record is read into a strict message or is unprocessable', () => {
  const anything = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json(),
    fc
      .record(
        {
          id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double()),
          customer_id: fc.oneof(fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/), fc.anything()),
          location: fc.oneof(fc.string(), fc.object(), fc.record({ lat: fc.double(), long: fc.double() })),
          status: fc.constantFrom('confirmed', 'rejected', 'x', null),
          pickup_time: fc.oneof(fc.constantFrom('12mins', '1 min', ''), fc.nat()),
          requested_at: fc.oneof(fc.date().map(String), fc.string()),
          alloted_driver: fc.oneof(fc.string(), fc.constant('driver_1')),
        },
        { requiredKeys: [] },
      )
      .map(
        (value) =>
          JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? `${field}` : field)) ?? '',
      ),
  );
  const when = fc.oneof(
    fc.constant('-1'),
    fc.maxSafeInteger().map(String),
    fc.constant('9223372036854775807'),
  );
  const header = fc.oneof(
    fc.string().map((text) => Buffer.from(text)),
    fc.constant(null as unknown as Buffer),
  );
  fc.assert(
    fc.property(
      fc.constantFrom<TopicName>('ride_details', 'ride_confirmed'),
      anything,
      when,
      header,
      (topic, value, timestamp, ce_id) => {
        try {
          const received = read(topic, 0, record(value, { timestamp, headers: { ce_id } }));
          (topic === 'ride_details' ? RideDetails : RideConfirmed).parse(received.value);
        } catch (error) {
          if (!(error instanceof Unprocessable)) throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
});
