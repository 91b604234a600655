/** Which driver comes, and when: taken from the ride alone, so that the same ride gets the same driver on any machine. */
import { hash } from 'node:crypto';
import type { RideDetails } from '@rideflow/shared/messages.ts';

const drivers = 20;
const longestPickup = 30;

export interface Allotment {
  /** `driver_1` to `driver_20` */
  driver: string;
  /** Minutes until the pickup, 1 to 30. */
  minutes: number;
}

export function allotDriver({ id, customer_id }: Pick<RideDetails, 'id' | 'customer_id'>): Allotment {
  const digest = hash('sha1', `${customer_id}/${id}`, 'buffer');
  return {
    driver: `driver_${(digest.readUInt32BE(0) % drivers) + 1}`,
    minutes: (digest.readUInt32BE(4) % longestPickup) + 1,
  };
}
