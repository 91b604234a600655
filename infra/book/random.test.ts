import { expect, test } from '@jest/globals';
import { RideRequest } from '@rideflow/shared/messages.ts';
import fc from 'fast-check';
import { randomRide, seededRandom } from './random.ts';

const rides = (seed: number | string, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => randomRide(random));
};

test('the same seed gives the same rides, another seed others', () => {
  expect(rides(1, 100)).toEqual(rides('1', 100));
  expect(rides(1, 10)).not.toEqual(rides(2, 10));
});

test('the same rides come out on every machine', () => {
  expect(rides(1, 2)).toMatchInlineSnapshot(`
[
  {
    "customer_id": "user_392",
    "location": {
      "lat": 30.02901,
      "long": 31.20862,
    },
    "payment_token": "tok_ok",
  },
  {
    "customer_id": "user_94",
    "location": {
      "lat": -1.26473,
      "long": 36.83005,
    },
    "payment_token": "tok_ok",
  },
]
`);
});

test('every ride is one that the service accepts', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      for (const ride of rides(seed, 20)) expect(RideRequest.safeParse(ride).error).toBeUndefined();
    }),
  );
});

test('they are many customers in many places, with one payment in ten declined', () => {
  const many = rides(7, 5000);
  expect(new Set(many.map(({ customer_id }) => customer_id)).size).toBe(500);
  expect(new Set(many.map(({ location }) => Math.round(location.lat))).size).toBeGreaterThan(10);
  const declined = many.filter(({ payment_token }) => payment_token === 'tok_declined').length;
  expect(declined / many.length).toBeCloseTo(0.1, 1);
});
