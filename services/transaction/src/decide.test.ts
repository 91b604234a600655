import { expect, test } from '@jest/globals';
import { RideConfirmed, type RideDetails } from '@rideflow/shared/messages.ts';
import { decide } from './decide.ts';
import { takePayment } from './payment.ts';

const ride: RideDetails = {
  id: '0198c0de-0000-7000-8000-000000000001',
  customer_id: 'user_1',
  customer_email: 'user_1@example.com',
  location: { lat: 12.97, long: 77.59 },
  requested_at: '2026-01-01T12:00:00.000Z',
};
const now = new Date('2026-01-01T12:00:01.000Z');

test('a paid ride is confirmed, with a driver and a pickup time in both forms', () => {
  const decision = decide(ride, takePayment('tok_ok', 1), now);
  expect(decision).toMatchObject({ id: ride.id, status: 'confirmed', payment_status: 'paid', reason: null });
  expect(decision.alloted_driver).toMatch(/^driver_\d+$/);
  expect(decision.pickup_time).toBe(`${decision.pickup_minutes}mins`);
  expect(RideConfirmed.safeParse(decision).success).toBe(true);
});

test('a declined payment is a rejected ride, not an error', () => {
  const decision = decide(ride, takePayment('tok_declined', 1), now);
  expect(decision).toMatchObject({
    status: 'rejected',
    payment_status: 'declined',
    alloted_driver: null,
    pickup_time: null,
    pickup_minutes: null,
  });
  expect(decision.reason).toMatch(/declined/);
  expect(RideConfirmed.safeParse(decision).success).toBe(true);
});

test('no token is paid', () => {
  expect(takePayment(undefined, 1)).toBe('paid');
});

test('a flaky payment fails twice, then is paid', () => {
  expect(() => takePayment('tok_flaky', 1)).toThrow(/provider/);
  expect(() => takePayment('tok_flaky', 2)).toThrow(/provider/);
  expect(takePayment('tok_flaky', 3)).toBe('paid');
});

test('the same ride gets the same decision, on any machine', () => {
  expect(decide(ride, 'paid', now)).toEqual(decide({ ...ride }, 'paid', now));
  expect(decide(ride, 'paid', now)).toMatchObject({ alloted_driver: 'driver_19', pickup_minutes: 4 });
});

test('different rides are spread over drivers and times', () => {
  const decisions = Array.from({ length: 1000 }, (_, i) => decide({ ...ride, id: String(i) }, 'paid', now));
  expect(new Set(decisions.map((d) => d.alloted_driver)).size).toBe(20);
  expect(new Set(decisions.map((d) => d.pickup_minutes)).size).toBe(30);
});
