/** From what a customer asks for to a ride: the rules, without HTTP and without Kafka. */
import { fieldsProblem } from '@rideflow/shared/http/fields.ts';
import { defaultEmail, type RideDetails, RideRequest } from '@rideflow/shared/messages.ts';

/** @throws Problem 400 with one entry per wrong field */
export function checkRequest(body: unknown): RideRequest {
  const result = RideRequest.safeParse(body);
  if (result.success) return result.data;
  throw fieldsProblem('This is not a ride request', result.error, body);
}

/** @param emailDomain domain of the address that stands in for one that was not given */
export function rideOf(request: RideRequest, id: string, now: Date, emailDomain: string): RideDetails {
  return {
    id,
    ...request,
    customer_email: request.customer_email ?? defaultEmail(request.customer_id, emailDomain),
    requested_at: now.toISOString(),
  };
}

/** Whether two rides came from equal requests: what the customer can say is equal, however it was written down. */
export const sameRequest = (a: RideDetails, b: RideDetails): boolean =>
  a.customer_id === b.customer_id &&
  a.customer_email === b.customer_email &&
  a.payment_token === b.payment_token &&
  a.location?.lat === b.location?.lat &&
  a.location?.long === b.location?.long;
