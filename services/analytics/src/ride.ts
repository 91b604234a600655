/** Extracts from a message what the statistics need. */
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import type { Received } from '@rideflow/shared/reading.ts';
import { latLngToCell } from 'h3-js';

/** Cells of about 5 km², 2.4 km across (from the resolution table of H3): a district of a town. */
export const areaResolution = 7;

export interface Ride {
  /** The time of the request in milliseconds since 1970, which determines its windows and its minute in the forecast. */
  at: number;
  rejected: boolean;
  /** Minutes to pickup; null if there is none. */
  minutes: number | null;
  driver: string | null;
  /** H3 cell of the pickup location. */
  area: string | null;
}

/**
 * Time is the ride's `requested_at`, never the wall clock, so a rebuild gives the same windows. A clock that is ahead must not
 * move the windows into the future, so the time is at most the time when Kafka received the decision.
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
