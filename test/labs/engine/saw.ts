/** What the labs say about a violation that the checker found. */
import type { Violation, ViolationKind } from '../../../infra/check/check.ts';
import { place } from '../../../infra/check/places.ts';
import type { Failure } from './lab.ts';
import type { Outcome } from './outcome.ts';

/** The first violation of this kind. */
export const found = ({ report }: Outcome, kind: ViolationKind): Violation | undefined =>
  report.violations.find((violation) => violation.kind === kind);

/** The coordinates of the ride of a violation. */
export function placeOf(outcome: Outcome, { ride }: Violation): string {
  const [request] = outcome.requestsOf(ride ?? '');
  return request ? place('ride_details', request) : '';
}

/** A failure about one ride. @param what "got no points" */
export const aboutRide = ({ ride, kind }: Violation, hint: string, what: string): Failure => ({
  hint,
  saw: `The ride ${ride?.replace(/@\d+$/, '')} ${what}.`, // without the time of a record that has no headers
  ride,
  kind,
});
