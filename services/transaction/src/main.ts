/** The transaction service: decides each ride. Reads ride_details and writes ride_confirmed in one Kafka transaction. */
import { setFlagsFromString } from 'node:v8';
import { commonConfig } from '@rideflow/shared/config.ts';
import { consume } from '@rideflow/shared/kafka/consume.ts';
import { runService } from '@rideflow/shared/service.ts';
import { decide } from './decide.ts';
import { takePayment } from './payment.ts';

/**
 * The most that the old generation grows before it is collected, in percent. V8 chooses up to 300, so a backlog makes the process
 * 100 MB larger. With 30, a ride costs a third more processor time.
 */
setFlagsFromString('--heap-growing-percent=100');

await runService('transaction', commonConfig('transaction', 4001), process.env, async (service) => {
  await consume(service, {
    handle: ({ value: ride }, attempt) => [
      decide(ride, takePayment(ride.payment_token, attempt), new Date()),
    ],
  });
});
