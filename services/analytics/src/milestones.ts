/** Formats the figures for the log, for every PRINT_EVERY rides. */
import type { Logger } from '@rideflow/shared/log.ts';
import { type Tally, toFigures } from './tally.ts';

export function logFigures(log: Logger, milestones: Tally[]): void {
  for (const tally of milestones) {
    const figures = toFigures(tally);
    log.info(figures, describe(figures));
  }
}

/** `15 rides: average pickup time 11.2 min, longest 29 min; 2 rejected (13.3 %)` */
function describe({
  rides,
  rejected,
  rejected_share,
  average_pickup_minutes: average,
  max_pickup_minutes: max,
}: ReturnType<typeof toFigures>) {
  const pickup =
    average === null ? 'no pickup yet' : `average pickup time ${average} min, longest ${max} min`;
  return `${rides} rides: ${pickup}; ${rejected} rejected (${((rejected_share ?? 0) * 100).toFixed(1)} %)`;
}
