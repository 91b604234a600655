/** Writes rides to a topic as the services do. */

import { randomUUID } from 'node:crypto';
import { toRecord } from '@rideflow/shared/kafka/writing/records.ts';
import type { RideDetails } from '@rideflow/shared/messages.ts';
import { rideConfirmed, rideDetails } from '@rideflow/shared/topics.ts';
import { type Kafka, Partitioners } from 'kafkajs';
import { randomRide, seededRandom } from '../../infra/book/random.ts';
import { decide } from '../../services/transaction/src/decide.ts';
import { takePayment } from '../../services/transaction/src/payment.ts';

const chunk = 500;

/**
 * @param topic `ride_confirmed`: decided rides
 * @param run names the rides: with the same name, the decisions are those of the requests, if each topic was empty
 * @param sampled the share of rides whose trace is recorded, 0 to 1
 */
export async function fill(
  kafka: Kafka,
  topic: 'ride_details' | 'ride_confirmed',
  count: number,
  partitions = 3,
  run: string = randomUUID(),
  sampled = 1,
): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const random = seededRandom('rides');
  const partitionOf = Partitioners.DefaultPartitioner();
  const metadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  const ends = Array.from({ length: partitions }, () => 0);
  for (let made = 0; made < count; ) {
    const messages = Array.from({ length: Math.min(chunk, count - made) }, (_, i) => {
      const ride = makeRide(random, run.slice(0, 24) + (made + i).toString(16).padStart(12, '0'));
      const partition = partitionOf({
        topic,
        partitionMetadata: metadata as never,
        message: { key: ride.customer_id, value: null },
      });
      const { key, value, headers } = recordOf(topic, partition, ends[partition] ?? 0, ride);
      const recorded = Math.floor((made + i + 1) * sampled) > Math.floor((made + i) * sampled);
      if (!recorded) headers.traceparent = String(headers.traceparent).replace(/01$/, '00');
      ends[partition] = (ends[partition] ?? 0) + 1;
      return { partition, key, value, headers: headers as Record<string, string> };
    });
    made += messages.length;
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
}

export function makeRide(random: () => number, id: string): RideDetails {
  const request = randomRide(random);
  return {
    id,
    ...request,
    customer_email: `${request.customer_id}@example.com`,
    requested_at: new Date().toISOString(),
  };
}

const recordOf = (
  topic: 'ride_details' | 'ride_confirmed',
  partition: number,
  at: number,
  ride: RideDetails,
) => {
  if (topic === 'ride_details')
    return toRecord(rideDetails, partition, ride, { source: 'rides', id: ride.id });
  const coordinates = { topic: 'ride_details', partition, offset: String(at) };
  return toRecord(rideConfirmed, partition, decide(ride, takePayment(ride.payment_token, 1), new Date()), {
    source: 'transaction',
    id: ride.id,
    cause: {
      value: ride,
      identity: ride.id,
      coordinates,
      timestamp: 0,
      traceparent: undefined,
      causeId: undefined,
    },
  });
};
