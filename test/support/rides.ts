/** Rides for tests, and their outcomes. */
import { randomUUID } from 'node:crypto';
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import type { Message } from 'kafkajs';

let made = 0;

/** A unique ride. */
export function aRide(change: Partial<RideDetails> = {}): RideDetails {
  return {
    id: randomUUID(),
    customer_id: `user_${made++}`,
    location: { lat: 12.97, long: 77.59 },
    customer_email: 'user@example.com',
    requested_at: new Date().toISOString(),
    ...change,
  };
}

export const confirm = ({
  id,
  customer_id,
  customer_email,
  location,
  requested_at,
}: RideDetails): RideConfirmed => ({
  id,
  customer_id,
  customer_email,
  location,
  status: 'confirmed',
  payment_status: 'paid',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
  pickup_minutes: 12,
  reason: null,
  requested_at,
  decided_at: new Date().toISOString(),
});

/** A message from a foreign client: to a chosen partition, without headers. */
export const toPartition = (partition: number, value: object | string | null): Message => ({
  partition,
  value: value === null || typeof value === 'string' ? value : JSON.stringify(value),
});
