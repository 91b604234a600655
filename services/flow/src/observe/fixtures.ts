/** Records as they are watched, for tests. */

import { type Glance, glance } from './glance.ts';
import type { WatchedRecord } from './watched.ts';

export function record(
  offset: number,
  value: object | null,
  more: Partial<WatchedRecord> = {},
): WatchedRecord {
  return {
    offset,
    timestamp: 1000 + offset,
    key: Buffer.from('user_1'),
    value: value && Buffer.from(JSON.stringify(value)),
    headers: {},
    producer: null,
    epoch: 0,
    marker: null,
    ...more,
  };
}

export const request = (partition: number, offset: number, id = `ride-${partition}-${offset}`): Glance =>
  glance(
    'ride_details',
    partition,
    record(offset, { id, customer_id: 'user_1' }, { headers: { ce_id: id } }),
  );

/** A decision of the request at an offset of the same partition. */
export const decision = (partition: number, offset: number, of: number, status = 'confirmed'): Glance =>
  glance(
    'ride_confirmed',
    partition,
    record(
      offset,
      { id: `ride-${partition}-${of}`, customer_id: 'user_1', status },
      { headers: { ce_cause: `ride_details/${partition}/${of}`, ce_causeid: `ride-${partition}-${of}` } },
    ),
  );

export const parked = (partition: number, offset: number, of: number): Glance =>
  glance(
    'ride_details.transaction.dlq',
    partition,
    record(offset, {}, { headers: { dead_letter_from: `ride_details/${partition}/${of}` } }),
  );
