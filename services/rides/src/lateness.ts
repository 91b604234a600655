/** Refusing in time: with more requests than it has time for, a process turns some away at once, instead of letting all wait. */
import { sendProblem } from '@rideflow/shared/http/problem.ts';
import type { Express } from 'express';
import { rideProblem } from './problem-types.ts';

/** Whoever has waited longer than this before being read is refused, in milliseconds. */
const tooLate = 1000;
/** How often the event loop is looked at, in milliseconds. */
const tick = 200;

/**
 * How long what is read now has been waiting at least, in milliseconds: in one turn the event loop reads all that was there when the
 * turn began. Until then it waits with the machine, where nobody can refuse it.
 */
export function measureLateness(now = () => performance.now()): () => number {
  let turn = now();
  setInterval(() => {
    turn = now();
  }, tick).unref();
  return () => Math.max(0, now() - turn - tick);
}

/** Refuses bookings at `paths` that come too late. Must come before their routes, and before all that costs time. */
export function refuseWhenLate(app: Express, paths: string[], lateness: () => number): void {
  const problem = rideProblem(
    'busy',
    'The ride was not booked: more requests come than this process has time for. Repeat it later.',
    { headers: { 'retry-after': '1' } },
  );
  app.post(paths, (_request, response, next) => {
    if (lateness() > tooLate) sendProblem(response, problem);
    else next();
  });
}
