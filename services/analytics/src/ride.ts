/** What the statistics need to know of one ride: the edge between the message and the figures. */
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import type { Received } from '@rideflow/shared/reading.ts';
import { latLngToCell } from 'h3-js';

/** Cells of about 5 km², 2.4 km across (the resolution table of H3): a part of a town. */
export const areaResolution = 7;

export interface Ride {
  /** When it was asked for, in milliseconds since 1970: the ride's place in every window and in the forecast. */
  at: number;
  rejected: boolean;
  /** Minutes until the pickup, or null where there is none. */
  minutes: number | null;
  driver: string | null;
  /** H3 cell of the place of pickup. */
  area: string | null;
}

/**
 * Time is the ride's own `requested_at`, never the wall clock: a rebuild puts every ride where it was before.
 * A clock that runs ahead must not push the windows into the future, so a ride counts as asked for at the latest
 * when Kafka got its outcome.
 */
export function toRide({ value, timestamp }: Received<RideConfirmed>): Ride {
  const { location, status } = value;
  return {
    at: Math.min(Date.parse(value.requested_at), timestamp),
    rejected: status === 'rejected',
    minutes: value.pickup_minutes,
    driver: value.alloted_driver,
    area: location && latLngToCell(location.lat, location.long, areaResolution),
  };
}
