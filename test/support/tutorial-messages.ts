/**
 * Messages of the public tutorials' scripts, and slight variations: no key, no headers, an id that
 * counts from 0 or none, the location as text or none, the minutes as text only.
 */
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';

export interface Sample<T> {
  what: string;
  /** The content that the script sends, before JSON. */
  sent: Record<string, unknown>;
  /** The result after the edge, except for fields that depend on where and when it was written. */
  seen: Partial<T>;
}

const here = { lat: 12.97, long: 77.59 };

/** Instead of rides. */
export const rideDetailsSamples: Sample<RideDetails>[] = [
  {
    what: 'an id that counts from 0, the location as text',
    sent: { id: 0, customer_id: 'user_0', location: 'Lat: 12.97, Long: 77.59' },
    seen: { id: '0', customer_id: 'user_0', location: here, customer_email: 'user_0@example.com' },
  },
  {
    what: 'an id as text',
    sent: { id: '17', customer_id: 'user_1', location: 'Lat: 12.97, Long: 77.59' },
    seen: { id: '17', location: here },
  },
  {
    what: 'no id',
    sent: { customer_id: 'user_2', location: 'Lat: 12.97, Long: 77.59' },
    seen: { id: 'ride_details-2-1041', location: here },
  },
  {
    what: 'no location',
    sent: { id: 3, customer_id: 'user_3' },
    seen: { id: '3', location: null },
  },
  {
    what: 'a location west and south, in another spelling',
    sent: { id: 4, customer_id: 'user_4', location: 'lat:-33.9,long:-70' },
    seen: { location: { lat: -33.9, long: -70 } },
  },
  {
    what: 'a location near null, as Python writes small numbers',
    sent: { id: 4, customer_id: 'user_4', location: 'Lat: 51.5, Long: -5e-05' },
    seen: { location: { lat: 51.5, long: -0.00005 } },
  },
  {
    what: 'a location of texts, as a script that reads CSV has them',
    sent: { id: 4, customer_id: 'user_4', location: { lat: ' 12.97', long: '+77.59' } },
    seen: { location: here },
  },
  {
    what: 'a fraction for an id',
    sent: { id: 1.5, customer_id: 'user_4' },
    seen: { id: '1.5' },
  },
  {
    what: 'fields that nobody knows, in the location too',
    sent: { id: 5, customer_id: 'user_5', location: { ...here, accuracy: 3 }, vehicle: 'auto', tags: [1] },
    seen: { id: '5', location: here },
  },
  {
    what: 'an address and a time of its own',
    sent: {
      id: 6,
      customer_id: 'user_6',
      customer_email: 'six@example.org',
      requested_at: '2026-01-01T12:00:00+05:30',
    },
    seen: { customer_email: 'six@example.org', requested_at: '2026-01-01T12:00:00+05:30' },
  },
  {
    what: 'an address whose domain is in its own script',
    sent: { id: 7, customer_id: 'user_7', customer_email: 'info@пример.рф' },
    seen: { customer_email: 'info@xn--e1afmkfd.xn--p1ai' },
  },
];

/** Instead of transaction. */
export const rideConfirmedSamples: Sample<RideConfirmed>[] = [
  {
    what: 'a driver and the minutes as text: no id, no status, no location',
    sent: {
      customer_id: 'user_0',
      customer_email: 'user_0@example.com',
      alloted_driver: 'driver_4',
      pickup_time: '12mins',
    },
    seen: {
      id: 'ride_confirmed-2-1041',
      customer_email: 'user_0@example.com',
      location: null,
      status: 'confirmed',
      payment_status: 'paid',
      alloted_driver: 'driver_4',
      pickup_time: '12mins',
      pickup_minutes: 12,
      reason: null,
    },
  },
  {
    what: 'the whole ride again, with the id as a number and the location as text',
    sent: {
      id: 9,
      customer_id: 'user_9',
      location: 'Lat: 12.97, Long: 77.59',
      alloted_driver: 'driver_1',
      pickup_time: '1 min',
    },
    seen: { id: '9', location: here, pickup_minutes: 1, customer_email: 'user_9@example.com' },
  },
  {
    what: 'the minutes as text, in the field for the number too',
    sent: { customer_id: 'user_8', alloted_driver: 'driver_1', pickup_time: '12mins', pickup_minutes: '12' },
    seen: { pickup_minutes: 12 },
  },
  {
    what: 'a rejected ride without a driver',
    sent: { customer_id: 'user_7', status: 'rejected' },
    seen: {
      status: 'rejected',
      payment_status: 'declined',
      alloted_driver: null,
      pickup_time: null,
      pickup_minutes: null,
      reason: null,
    },
  },
];
