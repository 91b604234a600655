/** The state of a ride in the API: the request and the decision. */
import type { RideState } from '@rideflow/shared/http/api.ts';
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import type { Coordinates } from '@rideflow/shared/reading.ts';

type Decided =
  | 'customer_email'
  | 'status'
  | 'payment_status'
  | 'alloted_driver'
  | 'pickup_time'
  | 'pickup_minutes'
  | 'reason'
  | 'decided_at';

/** The fields that a decision adds to a ride. The rest is not stored twice, because there are many rides in memory. */
export type Outcome = Pick<RideConfirmed, Decided> & { at: Coordinates };

/** @param ride the decided ride, if known; equal addresses then share one string in memory */
export const outcomeOf = (value: RideConfirmed, at: Coordinates, ride?: RideDetails): Outcome => ({
  customer_email: ride?.customer_email === value.customer_email ? ride.customer_email : value.customer_email,
  status: value.status,
  payment_status: value.payment_status,
  alloted_driver: value.alloted_driver,
  pickup_time: value.pickup_time,
  pickup_minutes: value.pickup_minutes,
  reason: value.reason,
  decided_at: value.decided_at,
  at,
});

/** The fields of the request that its decision repeats. */
export const rideIn = (value: RideConfirmed): RideDetails => ({
  id: value.id,
  customer_id: value.customer_id,
  location: value.location,
  customer_email: value.customer_email,
  requested_at: value.requested_at,
});

/**
 * @param stored coordinates of the request; null if only the decision is known
 * @param kept whether Kafka still has the request, so it can be decided
 */
export const stateOf = (
  ride: RideDetails,
  stored: Coordinates | null,
  outcome: Outcome | null,
  kept = true,
): RideState => ({
  id: ride.id,
  customer_id: ride.customer_id,
  customer_email: outcome?.customer_email ?? ride.customer_email, // email uses the address in the decision
  location: ride.location,
  status: outcome?.status ?? (kept ? 'requested' : 'expired'),
  payment_status: outcome?.payment_status ?? null,
  alloted_driver: outcome?.alloted_driver ?? null,
  pickup_time: outcome?.pickup_time ?? null,
  pickup_minutes: outcome?.pickup_minutes ?? null,
  reason: outcome?.reason ?? null,
  requested_at: ride.requested_at,
  decided_at: outcome?.decided_at ?? null,
  stored,
  decided: outcome?.at ?? null,
});
