/** Rides of made-up customers. */
import type { RideRequest } from '@rideflow/shared/messages.ts';

const customers = 40;
const centre = { lat: 12.97, long: 77.59 };

const near = (degrees: number) => Number((degrees + (Math.random() - 0.5) * 0.09).toFixed(5));
const anyCustomer = () => `user_${1 + Math.floor(Math.random() * customers)}`;

/** One ride; where no customer is given, of one of forty. */
export function madeUpRide({ customer_id, payment_token }: Given = {}): RideRequest {
  return {
    customer_id: customer_id ?? anyCustomer(),
    location: { lat: near(centre.lat), long: near(centre.long) },
    ...(payment_token && { payment_token }),
  };
}

export interface Given {
  customer_id?: string | undefined;
  payment_token?: RideRequest['payment_token'] | undefined;
}

/** For a stream: one payment in ten is declined. */
export const mixedRide = () => madeUpRide({ payment_token: Math.random() < 0.1 ? 'tok_declined' : 'tok_ok' });

/** In a row of so many rides without a key, all are of one customer, so that one sees them overtake each other. */
export const row = 6;

/** Higher than every number that an earlier process began with, also at ten thousand rides a second. */
const first = Date.now() * 10;

/** The n-th ride as the scripts of the public tutorials write it, and without a key; only its number is not used again. */
export function keylessRide(n: number): { id: number; customer_id: string; location: string } {
  const customer = 1 + (Math.floor(n / row) % customers);
  const { lat, long } = { lat: near(centre.lat), long: near(centre.long) };
  return { id: first + n, customer_id: `user_${customer}`, location: `Lat: ${lat}, Long: ${long}` };
}
