/** The examples in the documents: one confirmed ride and one rejected ride. */

import type { z } from 'zod';
import type { ProblemDocument, RideState, Stored as StoredSchema } from '../http/api.ts';
import type { RideConfirmed, RideDetails, RideRequest } from '../messages.ts';

type Stored = z.infer<typeof StoredSchema>;

export const request: RideRequest = {
  customer_id: 'user_1',
  location: { lat: 12.97, long: 77.59 },
};

export const ride: RideDetails = {
  id: '0198c0de-0000-7000-8000-000000000001',
  ...request,
  customer_email: 'user_1@example.com',
  requested_at: '2026-01-01T12:00:00.000Z',
};

export const stored: Stored = { topic: 'ride_details', partition: 2, offset: '1041' };

export const confirmed: RideConfirmed = {
  ...ride,
  status: 'confirmed',
  payment_status: 'paid',
  alloted_driver: 'driver_4',
  pickup_time: '12mins',
  pickup_minutes: 12,
  reason: null,
  decided_at: '2026-01-01T12:00:00.009Z',
};

export const rejected: RideConfirmed = {
  ...ride,
  status: 'rejected',
  payment_status: 'declined',
  alloted_driver: null,
  pickup_time: null,
  pickup_minutes: null,
  reason: 'The payment was declined.',
  decided_at: '2026-01-01T12:00:00.009Z',
};

export const state: RideState = {
  ...confirmed,
  stored,
  decided: { topic: 'ride_confirmed', partition: 2, offset: '988' },
};

/** A ride that is not decided yet. */
export const undecided: RideState = {
  ...state,
  status: 'requested',
  payment_status: null,
  alloted_driver: null,
  pickup_time: null,
  pickup_minutes: null,
  decided_at: null,
  decided: null,
};

export const wrongFields: ProblemDocument = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'This is not a ride request: /location/lat must be at most 90.',
  errors: [{ pointer: '/location/lat', detail: 'must be at most 90' }],
};

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export const requestedHeaders = {
  ce_specversion: '1.0',
  ce_id: ride.id,
  ce_type: 'rideflow.ride.requested',
  ce_source: '/rideflow/rides',
  'content-type': 'application/json',
  traceparent,
};

export const decidedHeaders = {
  ...requestedHeaders,
  ce_type: 'rideflow.ride.decided',
  ce_source: '/rideflow/transaction',
  ce_cause: 'ride_details/2/1041',
  ce_causeid: ride.id,
};
