/** The examples that are kept for a version when it is published. */
import { confirmed, rejected, ride } from '@rideflow/shared/documents/examples.ts';
import type { Golden, MessageName } from './history.ts';

const address = 'o.hara+rides@xn--e1afmkfd.xn--p1ai';

export const goldenOf: Record<MessageName, Golden[]> = {
  RideDetails: [
    { name: 'a request', key: ride.customer_id, value: { ...ride, id: 'golden-request' } },
    {
      name: 'a payment that is declined, no location, a time with an offset',
      key: ride.customer_id,
      value: {
        ...ride,
        id: 'golden-declined',
        location: null,
        payment_token: 'tok_declined',
        requested_at: '2026-01-01T14:00:00+02:00',
      },
    },
    {
      name: 'an address with a Punycode domain',
      key: ride.customer_id,
      value: { ...ride, id: 'golden-address', customer_email: address },
    },
  ],
  RideConfirmed: [
    { name: 'a confirmed ride', key: ride.customer_id, value: { ...confirmed, id: 'golden-confirmed' } },
    { name: 'a rejected ride', key: ride.customer_id, value: { ...rejected, id: 'golden-rejected' } },
    {
      name: 'an address with a Punycode domain',
      key: ride.customer_id,
      value: { ...confirmed, id: 'golden-confirmed-address', customer_email: address },
    },
  ],
};
