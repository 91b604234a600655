/** Messages that our services never write: values from foreign or broken writers. */
import type { TopicName } from './topics.ts';

export interface Kind {
  /** What the kind demonstrates. */
  shows: string;
  /** The n-th value of its kind, n from 0. */
  value(topic: TopicName, n: number): Buffer | null;
}

const json = (fields: object) => Buffer.from(JSON.stringify(fields));
/** Close to the default limit of Kafka, in bytes. */
const huge = 1_000_000;

export const kinds = {
  'not-json': {
    shows: 'a value that is not JSON is parked with the position of the error, and the partition continues',
    value: (_topic, n) => Buffer.from(`{"customer_id": "user_${n}", and here its writer crashed`),
  },
  'wrong-field': {
    shows:
      'JSON with a field out of range is parked with the name of the field; corrected, it can be replayed',
    value: (topic, n) => json({ ...tutorial(topic, n), location: { lat: 1297, long: 77.59 } }),
  },
  'null-value': {
    shows:
      'a record without a value, as compacted topics use for deletions, is parked and does not crash the reader',
    value: () => null,
  },
  'invalid-utf8': {
    shows: 'bytes that are not UTF-8 are parked unchanged instead of being read as other characters',
    value: (_topic, n) =>
      Buffer.concat([
        Buffer.from(`{"customer_id": "user_${n}`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
  },
  huge: {
    shows: 'a message of one megabyte fits on the dead-letter topic, together with the reason',
    value: (_topic, n) => json({ customer_id: n, padding: 'x'.repeat(huge) }),
  },
  tutorial: {
    shows: 'a message of the public tutorials is not poison: it is processed like any other',
    value: (topic, n) => json(tutorial(topic, n)),
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

const tutorial = (topic: TopicName, n: number) =>
  topic === 'ride_details'
    ? { id: n, customer_id: `user_${n}`, location: 'Lat: 12.97, Long: 77.59' }
    : {
        customer_id: `user_${n}`,
        customer_email: `user_${n}@example.com`,
        alloted_driver: 'driver_4',
        pickup_time: '12mins',
      };
