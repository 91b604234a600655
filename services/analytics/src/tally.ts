/** Count, average and maximum, updated for each ride in constant memory. */
import type { Ride } from './ride.ts';

/** All whole numbers. An average is the quotient of two sums, so no rounding errors accumulate. */
export interface Tally {
  rides: number;
  rejected: number;
  /** Rides with a known pickup time. */
  timed: number;
  minutesSum: number;
  minutesMax: number;
}

export const emptyTally = (): Tally => ({ rides: 0, rejected: 0, timed: 0, minutesSum: 0, minutesMax: 0 });

export function addRide(tally: Tally, ride: Ride): void {
  tally.rides++;
  if (ride.rejected) tally.rejected++;
  if (ride.minutes === null) return;
  tally.timed++;
  tally.minutesSum += ride.minutes;
  if (ride.minutes > tally.minutesMax) tally.minutesMax = ride.minutes;
}

export function sumOf(tallies: Tally[]): Tally {
  const total = emptyTally();
  for (const { rides, rejected, timed, minutesSum, minutesMax } of tallies) {
    total.rides += rides;
    total.rejected += rejected;
    total.timed += timed;
    total.minutesSum += minutesSum;
    total.minutesMax = Math.max(total.minutesMax, minutesMax);
  }
  return total;
}

/** The figures of one tally in `/stats`. Pickup times are in minutes; null if no ride had one. */
export interface Figures {
  rides: number;
  confirmed: number;
  rejected: number;
  /** 0 to 1, null without rides. */
  rejected_share: number | null;
  average_pickup_minutes: number | null;
  max_pickup_minutes: number | null;
}

export function toFigures({ rides, rejected, timed, minutesSum, minutesMax }: Tally): Figures {
  return {
    rides,
    confirmed: rides - rejected,
    rejected,
    rejected_share: rides ? round(rejected / rides, 4) : null,
    average_pickup_minutes: timed ? round(minutesSum / timed, 2) : null,
    max_pickup_minutes: timed ? minutesMax : null,
  };
}

export const round = (value: number, digits: number) => Number(value.toFixed(digits));
