/** A ride as it is answered: what was asked for, and what became of it. */
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

/** What a decision adds to a ride. The rest is not kept twice: there are many rides in memory. */
export type Outcome = Pick<RideConfirmed, Decided> & { at: Coordinates };

/** @param ride what it decides, where that is known: equal addresses are then one string in memory */
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

/** The request as far as its decision repeats it. */
export const rideIn = (value: RideConfirmed): RideDetails => ({
  id: value.id,
  customer_id: value.customer_id,
  location: value.location,
  customer_email: value.customer_email,
  requested_at: value.requested_at,
});

/**
 * @param stored where the request is, or null when only the decision was seen
 * @param kept whether Kafka still has the request, so that it can be decided
 */
export const stateOf = (
  ride: RideDetails,
  stored: Coordinates | null,
  outcome: Outcome | null,
  kept = true,
): RideState => ({
  id: ride.id,
  customer_id: ride.customer_id,
  customer_email: outcome?.customer_email ?? ride.customer_email, // email mails to what the decision says
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
