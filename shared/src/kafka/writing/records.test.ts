import { describe, expect, test } from '@jest/globals';
import type { RideConfirmed, RideDetails } from '../../messages.ts';
import { type RawRecord, type Received, read } from '../../reading.ts';
import { rideConfirmed, rideDetails } from '../../topics.ts';
import { toRecord } from './records.ts';

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
      /^rides tried to write an invalid message to ride_details: /,
    );
  });
});

describe('the trace', () => {
  const traceOf = (given?: string) =>
    toRecord(rideDetails, 0, ride, { source: 'rides', id: 'a', traceparent: given }).headers
      .traceparent as string;

  test('continues with a new span and the same flags', () => {
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
  ])('starts again from %s', (_what, given) => {
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
