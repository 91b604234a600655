/** Turns a request into a ride: the rules, without HTTP and without Kafka. */
import { accepts } from '@rideflow/shared/accepts.ts';
import { isAddress, toAsciiAddress, whyNoAddress } from '@rideflow/shared/email-address.ts';
import { fieldsProblem } from '@rideflow/shared/http/fields.ts';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { defaultEmail, type RideDetails, RideRequest } from '@rideflow/shared/messages.ts';

/** @throws Problem 400 with one entry for each wrong field */
export function checkRequest(body: unknown): RideRequest {
  if (accepts(RideRequest, body)) return body;
  const result = RideRequest.safeParse(body);
  if (result.success) return result.data;
  throw fieldsProblem('This is not a ride request', result.error, body);
}

/**
 * @param emailDomain domain of the default e-mail address
 * @throws Problem 400 when the default address would not be valid (`a..b` is a valid customer, but `a..b@example.com` is not a
 * valid address), or when the domain of the given address cannot be converted to ASCII
 */
export function rideOf(request: RideRequest, id: string, now: Date, emailDomain: string): RideDetails {
  const given = request.customer_email;
  const customer_email =
    given === undefined ? defaultEmail(request.customer_id, emailDomain) : toAsciiAddress(given);
  if (!isAddress(customer_email)) {
    const detail =
      given === undefined
        ? `is required, because the default ${customer_email} is not a valid e-mail address`
        : whyNoAddress(given);
    throw new Problem(400, `This is not a ride request: /customer_email ${detail}.`, {
      errors: [{ pointer: '/customer_email', detail }],
    });
  }
  return { id, ...request, customer_email, requested_at: now.toISOString() };
}

/** Whether two rides come from equal requests: every field of the request is equal, whatever its notation. */
export const sameRequest = (a: RideDetails, b: RideDetails): boolean =>
  a.customer_id === b.customer_id &&
  a.customer_email === b.customer_email &&
  a.payment_token === b.payment_token &&
  a.location?.lat === b.location?.lat &&
  a.location?.long === b.location?.long;
