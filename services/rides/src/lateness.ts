/** Load shedding: an overloaded process rejects some requests at once instead of delaying all of them. */
import { sendProblem } from '@rideflow/shared/http/problem.ts';
import type { Express } from 'express';
import { rideProblem } from './problem-types.ts';

/** A request that waited longer than this before it was read is rejected, in milliseconds. */
const tooLate = 1000;
/** How often the event loop is measured, in milliseconds. */
const tick = 200;

/**
 * The least time that the current requests have waited, in milliseconds. In one turn, the event loop reads everything that
 * arrived before the turn. Until then requests wait in the operating system, where they cannot be rejected.
 */
export function measureLateness(now = () => performance.now()): () => number {
  let turn = now();
  setInterval(() => {
    turn = now();
  }, tick).unref();
  return () => Math.max(0, now() - turn - tick);
}

/**
 * Rejects bookings at `paths` that have waited too long. Must come before their routes, and before everything that costs time.
 */
export function refuseWhenLate(app: Express, paths: string[], lateness: () => number): void {
  const problem = rideProblem(
    'busy',
    'The ride was not booked, because this process is overloaded. Retry later.',
    { headers: { 'retry-after': '1' } },
  );
  app.post(paths, (_request, response, next) => {
    if (lateness() > tooLate) sendProblem(response, problem);
    else next();
  });
}
