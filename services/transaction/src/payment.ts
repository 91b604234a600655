/** The payment: a stand-in for a payment provider, driven by test tokens so that every outcome can be had on purpose. */
import type { PaymentToken } from '@rideflow/shared/messages.ts';

/** How often `tok_flaky` fails before it is paid. */
const flakyFailures = 2;

export type Payment = 'paid' | 'declined';

/**
 * A declined payment is an outcome; a provider that cannot be reached is not.
 * @param attempt counts from 1 for each ride
 * @throws Error while a flaky provider fails: transient, to be tried again
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
