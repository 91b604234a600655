/** Rides for the tests of this service. */
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import type { Received } from '@rideflow/shared/reading.ts';

export const noon = Date.parse('2026-01-01T12:00:00.000Z');

/** A ride after the edge: confirmed, driver_1 in 10 minutes, requested at noon, in Bengaluru. */
export function received(
  offset: number,
  ride: Partial<RideConfirmed> & { at?: number; timestamp?: number; partition?: number } = {},
): Received<RideConfirmed> {
  const { at = noon, timestamp = at + 5, partition = 0, ...fields } = ride;
  const value: RideConfirmed = {
    id: `ride-${partition}-${offset}`,
    customer_id: 'user_1',
    customer_email: 'user_1@example.com',
    location: { lat: 12.97, long: 77.59 },
    status: 'confirmed',
    payment_status: 'paid',
    alloted_driver: 'driver_1',
    pickup_time: '10mins',
    pickup_minutes: 10,
    reason: null,
    requested_at: new Date(at).toISOString(),
    decided_at: new Date(at + 3).toISOString(),
    ...fields,
  };
  return {
    value,
    identity: value.id,
    coordinates: { topic: 'ride_confirmed', partition, offset: String(offset) },
    timestamp,
    traceparent: undefined,
    causeId: undefined,
  };
}

/** The fields of a rejected ride. */
export const rejected = {
  status: 'rejected',
  payment_status: 'declined',
  alloted_driver: null,
  pickup_time: null,
  pickup_minutes: null,
  reason: 'payment declined',
} as const satisfies Partial<RideConfirmed>;
