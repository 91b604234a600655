/** Chooses the driver and the pickup time from the ride only, so the same ride gets the same driver on any machine. */
import { crc32 } from 'node:zlib';
import type { RideDetails } from '@rideflow/shared/messages.ts';

const drivers = 20;
const longestPickup = 30;

export interface Allotment {
  /** `driver_1` to `driver_20` */
  driver: string;
  /** Minutes to pickup, 1 to 30. */
  minutes: number;
}

export function allotDriver({ id, customer_id }: Pick<RideDetails, 'id' | 'customer_id'>): Allotment {
  const sum = crc32(`${customer_id}/${id}`);
  return {
    driver: `driver_${(sum % drivers) + 1}`,
    minutes: (Math.floor(sum / drivers) % longestPickup) + 1,
  };
}
