/** The transaction service: decides each ride. Reads ride_details and writes ride_confirmed in one Kafka transaction. */
import { commonConfig } from '@rideflow/shared/config.ts';
import { consume } from '@rideflow/shared/kafka/consume.ts';
import { runService } from '@rideflow/shared/service.ts';
import { decide } from './decide.ts';
import { takePayment } from './payment.ts';

await runService('transaction', commonConfig('transaction', 4001), process.env, async (service) => {
  await consume(service, {
    handle: ({ value: ride }, attempt) => [
      decide(ride, takePayment(ride.payment_token, attempt), new Date()),
    ],
  });
});
