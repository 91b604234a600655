/** Decides rides for the labs, with the code of the service transaction. */
import { typedRow } from '@rideflow/shared/kafka/consuming/typed-row.ts';
import { toDeadLetter } from '@rideflow/shared/kafka/writing/dead-letter-record.ts';
import { type OutgoingRecord, toRecord } from '@rideflow/shared/kafka/writing/records.ts';
import { rideDetails } from '@rideflow/shared/topics.ts';
import { deadLetterTopic } from '@rideflow/shared/topology.ts';
import type { Message } from 'kafkajs';
import { decide } from '../../../services/transaction/src/decide.ts';
import { takePayment } from '../../../services/transaction/src/payment.ts';
import type { Decide, Park, Ride } from '../kit.ts';

const row = typedRow('transaction');
const attempts = new Map<string, number>();

/** A flaky payment fails twice in each process, and then is paid. */
export const decideRide: Decide = (message, { partition, offset }) => {
  const ride = row.read(partition, message, 'example.com');
  const place = `${partition}/${offset}`;
  const attempt = (attempts.get(place) ?? 0) + 1;
  attempts.set(place, attempt);
  const decision = decide(ride.value, takePayment(ride.value.payment_token, attempt), new Date());
  return messageOf(row.toRecords(partition, [decision], ride)[0] as OutgoingRecord);
};

export const park: Park = (message, place, reason) =>
  messageOf(toDeadLetter(deadLetterTopic('transaction'), 'transaction', place, message, reason));

/** Its partition follows from the customer, as everywhere. */
export const recordOf = (ride: Ride): Message => {
  const { partition: _, ...message } = messageOf(
    toRecord(rideDetails, 0, ride, { source: 'rides', id: ride.id }),
  );
  return message;
};

/** A record as kafkajs takes it. */
export function messageOf({ topic: _, headers, ...rest }: OutgoingRecord): Message {
  const set = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...rest, headers: Object.fromEntries(set) };
}
