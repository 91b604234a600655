/** Which driver comes, and when: taken from the ride alone, so that the same ride gets the same driver on any machine. */
import { createHash } from 'node:crypto';
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
  const hash = createHash('sha1').update(`${customer_id}/${id}`).digest();
  return {
    driver: `driver_${(hash.readUInt32BE(0) % drivers) + 1}`,
    minutes: (hash.readUInt32BE(4) % longestPickup) + 1,
  };
}
