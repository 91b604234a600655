/** Messages that are not what the services write: values as foreign or broken writers send them. */
import type { TopicName } from './topics.ts';

export interface Kind {
  /** What it shows. */
  shows: string;
  /** The n-th value of its kind, n from 0. */
  value(topic: TopicName, n: number): Buffer | null;
}

const json = (fields: object) => Buffer.from(JSON.stringify(fields));
/** Near the largest that Kafka takes by default, in bytes. */
const huge = 1_000_000;

export const kinds = {
  'not-json': {
    shows:
      'a value that is no JSON is parked with the place where reading it failed, and the partition goes on',
    value: (_topic, n) => Buffer.from(`{"customer_id": "user_${n}", and here its writer crashed`),
  },
  'wrong-field': {
    shows: 'JSON with a field out of range is parked with the name of the field; --set mends it in a replay',
    value: (topic, n) => json({ ...tutorial(topic, n), location: { lat: 1297, long: 77.59 } }),
  },
  'null-value': {
    shows: 'a record without a value, which compacted topics use to delete, is parked and is no crash',
    value: () => null,
  },
  'invalid-utf8': {
    shows: 'bytes that are no UTF-8 are parked as they are, and not read as other characters',
    value: (_topic, n) =>
      Buffer.concat([
        Buffer.from(`{"customer_id": "user_${n}`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
  },
  huge: {
    shows: 'a message of a megabyte still fits the dead-letter topic, together with the reason',
    value: (_topic, n) => json({ customer_id: n, padding: 'x'.repeat(huge) }),
  },
  tutorial: {
    shows: 'a message as the public tutorials send it is no poison: it is processed like any other',
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
