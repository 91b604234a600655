import { describe, expect, test } from '@jest/globals';
import type { RideConfirmed, RideDetails } from '../../messages.ts';
import { type RawRecord, type Received, read } from '../../reading.ts';
import { rideConfirmed, rideDetails } from '../../topics.ts';
import { sizeOf, toDeadLetter, toRecord } from './records.ts';

const ride: RideDetails = {
  id: '0198c0de-0000-7000-8000-000000000001',
  customer_id: 'user_1',
  location: { lat: 12.97, long: 77.59 },
  customer_email: 'user_1@example.com',
  requested_at: '2026-01-01T12:00:00.000Z',
};
const confirmed: RideConfirmed = {
  ...ride,
  status: 'confirmed',
  payment_status: 'paid',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
  pickup_minutes: 12,
  reason: null,
  decided_at: '2026-01-01T12:00:00.009Z',
};
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const traceparent = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);

describe('a message that we write', () => {
  test('is JSON under the key of its topic, in binary-mode CloudEvents 1.0, with no other header', () => {
    const record = toRecord(rideDetails, 2, ride, { source: 'rides', id: ride.id });
    expect(record).toEqual({
      topic: 'ride_details',
      partition: 2,
      key: 'user_1',
      value: JSON.stringify(ride),
      headers: {
        ce_specversion: '1.0',
        ce_id: ride.id,
        ce_type: 'rideflow.ride.requested',
        ce_source: '/rideflow/rides',
        'content-type': 'application/json',
        traceparent,
      },
    });
  });

  test('names what caused it: where that is, and its identity', () => {
    const cause: Received<RideDetails> = {
      value: ride,
      identity: 'abc',
      coordinates: { topic: 'ride_details', partition: 2, offset: '1041' },
      timestamp: 0,
      traceparent: undefined,
      causeId: undefined,
    };
    const { headers } = toRecord(rideConfirmed, 2, confirmed, { source: 'transaction', id: 'abc', cause });
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'abc',
      ce_type: 'rideflow.ride.decided',
      ce_source: '/rideflow/transaction',
      'content-type': 'application/json',
      traceparent,
      ce_cause: 'ride_details/2/1041',
      ce_causeid: 'abc',
    });
  });

  test('is read back as it was written', () => {
    const { value, headers } = toRecord(rideConfirmed, 2, confirmed, { source: 'transaction', id: 'abc' });
    const received = read('ride_confirmed', 2, { ...raw(value as string), headers } as RawRecord);
    expect(received).toMatchObject({ value: confirmed, identity: 'abc', traceparent });
  });

  test.each<[string, object]>([
    ['an unknown field', { vehicle: 'auto' }],
    ['a wrong type', { location: 'Lat: 12.97, Long: 77.59' }],
    ['a wrong range', { location: { lat: 91, long: 0 } }],
    ['a missing field', { customer_email: undefined }],
  ])('is refused with %s', (_what, change) => {
    const wrong = { ...ride, ...change } as RideDetails;
    expect(() => toRecord(rideDetails, 0, wrong, { source: 'rides', id: 'a' })).toThrow(
      /^rides tried to write a wrong message to ride_details: /,
    );
  });
});

describe('the trace', () => {
  const traceOf = (given?: string) =>
    toRecord(rideDetails, 0, ride, { source: 'rides', id: 'a', traceparent: given }).headers
      .traceparent as string;

  test('goes on under a new span, with its flags', () => {
    const child = traceOf(`00-${trace}-${span}-00`);
    expect(child).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
    expect(child).not.toContain(span);
  });

  test.each([
    ['nothing', undefined],
    ['no trace context', 'hello'],
    ['an unknown version', `01-${trace}-${span}-01`],
    ['upper case', `00-${trace.toUpperCase()}-${span}-01`],
    ['a trace id of zeros, which is invalid', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span id of zeros, which is invalid', `00-${trace}-${'0'.repeat(16)}-01`],
  ])('starts anew from %s', (_what, given) => {
    const fresh = traceOf(given);
    expect(fresh).toEqual(traceparent);
    expect(fresh).not.toContain(trace);
    expect(fresh).not.toContain('0'.repeat(16));
    expect(traceOf(given)).not.toBe(fresh);
  });
});

const raw = (value: string | null, more: Partial<RawRecord> = {}): RawRecord => ({
  key: null,
  value: value === null ? null : Buffer.from(value),
  offset: '1041',
  timestamp: '0',
  ...more,
});

describe('a dead letter', () => {
  const from = { topic: 'ride_details', partition: 2, offset: '1041' };
  const park = (record: RawRecord) =>
    toDeadLetter('ride_details.transaction.dlq', 'transaction', from, record, 'the message has no value');

  test('keeps the original key, bytes and headers, and says why, whence, by whom and when', () => {
    const value = Buffer.from([0xff, 0x00, 0x7b]);
    const key = Buffer.from([0xc3, 0x28]);
    const headers = { ce_id: Buffer.from('abc'), twice: [Buffer.from('1'), Buffer.from('2')] };
    expect(park({ ...raw(null), key, value, headers })).toEqual({
      topic: 'ride_details.transaction.dlq',
      partition: 2,
      key,
      value,
      headers: {
        ...headers,
        dead_letter_reason: 'the message has no value',
        dead_letter_from: 'ride_details/2/1041',
        dead_letter_by: 'transaction',
        dead_letter_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    });
  });

  test('of a message without key, value and headers has none either', () => {
    expect(park(raw(null))).toMatchObject({ key: null, value: null });
  });

  test('has no key of four zero bytes, which kafkajs would take for an abort marker', () => {
    expect(park(raw('x', { key: Buffer.alloc(4) })).key).toBeNull();
    expect(park(raw('x', { key: Buffer.alloc(3) })).key).toEqual(Buffer.alloc(3));
    expect(park(raw('x', { key: Buffer.alloc(5) })).key).toEqual(Buffer.alloc(5));
  });

  test('that is too large for its topic keeps its beginning, and says so', () => {
    const value = Buffer.alloc(3_000_000, 'x');
    const parked = park({ ...raw(null), value, headers: { ce_id: Buffer.from('abc') } });
    expect(parked.value).toHaveLength(1_000_000);
    expect(parked.headers).toMatchObject({
      dead_letter_truncated: expect.stringMatching(
        /^the message has about 3000\d+ bytes; the first 1000000 of its value/,
      ),
      dead_letter_from: 'ride_details/2/1041',
    });
    expect(sizeOf(parked)).toBeLessThan(1_500_000);
  });

  test('has empty headers where they were null, which kafkajs cannot write', () => {
    const headers = { ce_id: null, twice: [null, Buffer.from('2')] } as unknown as NonNullable<
      RawRecord['headers']
    >;
    expect(park(raw('x', { headers })).headers).toMatchObject({ ce_id: '', twice: ['', Buffer.from('2')] });
  });

  test('as large as a message can be is kept whole', () => {
    const value = Buffer.alloc(1_048_000, 'x');
    expect(park({ ...raw(null), value })).toMatchObject({ value });
  });
});
