/** Decides rides for the labs, with the code of the service transaction. */
import { typedRow } from '@rideflow/shared/kafka/consuming/typed-row.ts';
import { decide } from '../../../services/transaction/src/decide.ts';
import { takePayment } from '../../../services/transaction/src/payment.ts';
import type { Decide } from '../kit.ts';

const row = typedRow('transaction');
/** `tok_flaky` is paid at this attempt. */
const patient = 3;

export const decideRide: Decide = (message, { partition }) => {
  const ride = row.read(partition, message, 'example.com');
  const decision = decide(ride.value, takePayment(ride.value.payment_token, patient), new Date());
  const [record] = row.toRecords(partition, [decision], ride);
  if (!record) throw new Error('a decision has one record');
  const { topic: _, headers, ...rest } = record;
  const set = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...rest, headers: Object.fromEntries(set) };
};
