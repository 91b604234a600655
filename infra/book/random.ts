/** Random rides. The same seed gives the same rides. */
import { createHash } from 'node:crypto';
import type { RideRequest } from '@rideflow/shared/messages.ts';

/** Centres of cities in degrees: latitude, longitude. */
const cities: [number, number][] = [
  [12.9716, 77.5946], // Bengaluru
  [52.52, 13.405], // Berlin
  [-23.5505, -46.6333], // São Paulo
  [30.0444, 31.2357], // Cairo
  [41.8781, -87.6298], // Chicago
  [6.5244, 3.3792], // Lagos
  [51.5074, -0.1278], // London
  [19.4326, -99.1332], // Mexico City
  [-1.2921, 36.8219], // Nairobi
  [1.3521, 103.8198], // Singapore
  [-33.8688, 151.2093], // Sydney
  [35.6762, 139.6503], // Tokyo
];
const customers = 500;
/** The largest distance from the centre in degrees, about 5 km. */
const spread = 0.045;

/**
 * Numbers from 0 (inclusive) to 1 (exclusive), the same for the same seed on every machine: xorshift32 (Marsaglia, 2003).
 * The seed is hashed, because similar seeds would start with similar numbers.
 */
export function seededRandom(seed: number | string): () => number {
  let state = createHash('sha256').update(String(seed)).digest().readUInt32LE() || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * One ride of one of 500 customers, near the centre of a city; one payment in ten is declined.
 * No payment is flaky: it would make the rides after it in its partition wait and distort a measurement.
 * @param random numbers from 0 (inclusive) to 1 (exclusive)
 */
export function randomRide(random: () => number): RideRequest {
  const [lat, long] = cities[Math.floor(random() * cities.length)] ?? [0, 0];
  const near = (degrees: number) => Number((degrees + (2 * random() - 1) * spread).toFixed(5));
  return {
    customer_id: `user_${1 + Math.floor(random() * customers)}`,
    location: { lat: near(lat), long: near(long) },
    payment_token: random() < 0.1 ? 'tok_declined' : 'tok_ok',
  };
}
