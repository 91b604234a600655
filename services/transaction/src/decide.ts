/** Decides a ride: a pure function of the ride, its payment and the time. A rejection is a normal outcome, not an error. */
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import { allotDriver } from './allot-driver.ts';
import type { Payment } from './payment.ts';

export function decide(ride: RideDetails, payment: Payment, now: Date): RideConfirmed {
  const { id, customer_id, customer_email, location, requested_at } = ride;
  const common = {
    id,
    customer_id,
    customer_email,
    location,
    payment_status: payment,
    requested_at,
    decided_at: now.toISOString(),
  };
  if (payment === 'declined') {
    return {
      ...common,
      status: 'rejected',
      alloted_driver: null,
      pickup_time: null,
      pickup_minutes: null,
      reason: 'The payment was declined.',
    };
  }
  const { driver, minutes } = allotDriver(ride);
  return {
    ...common,
    status: 'confirmed',
    alloted_driver: driver,
    pickup_time: `${minutes}mins`,
    pickup_minutes: minutes,
    reason: null,
  };
}
