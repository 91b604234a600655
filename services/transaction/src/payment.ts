/** A stand-in for a payment provider. Test tokens choose the outcome. */
import type { PaymentToken } from '@rideflow/shared/messages.ts';

/** How often `tok_flaky` fails before it is paid. */
const flakyFailures = 2;

export type Payment = 'paid' | 'declined';

/**
 * A declined payment is an outcome. An unavailable provider is not.
 * @param attempt counts from 1 for each ride
 * @throws Error while a flaky provider fails: transient, so it is retried
 */
export function takePayment(token: PaymentToken | undefined, attempt: number): Payment {
  switch (token) {
    case 'tok_declined':
      return 'declined';
    case 'tok_flaky':
      if (attempt <= flakyFailures)
        throw new Error(`the payment provider does not answer (attempt ${attempt})`);
      return 'paid';
    default:
      return 'paid';
  }
}
