/** Exactly once with @platformatic/kafka: the copy with JSON, with what its stream holds and the offsets in one transaction. */
import { decided } from './decided.ts';

/** More in one request can exceed the limit of the broker. */
const most = 500;

const { Consumer, Producer } = await import(process.env.LIBRARY as string);
const groupId = process.env.GROUP as string;
const topic = process.env.TO as string;
const bootstrapBrokers = [process.env.KAFKA_BROKERS as string];
// The default of a second would be the time of a ride whenever the previous transaction has not ended.
const client = { clientId: 'copy', bootstrapBrokers, retryDelay: 3 };
const producer = new Producer({ ...client, transactionalId: groupId, idempotent: true });
const consumer = new Consumer({ ...client, groupId });
const stream = await consumer.consume({
  topics: [process.env.FROM as string],
  mode: 'committed',
  fallbackMode: 'earliest',
  autocommit: false,
});
let wake = () => {};
stream.on('readable', () => wake());
for (;;) {
  const rides = [];
  while (rides.length < most) {
    const ride = stream.read();
    if (!ride) break;
    rides.push(ride);
  }
  if (rides.length === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    continue;
  }
  const transaction = await producer.beginTransaction();
  const messages = rides.map((ride) => {
    const { key, value } = decided(ride);
    return { topic, key, value: Buffer.from(String(value)) };
  });
  await transaction.send({ messages });
  await transaction.addConsumer(consumer);
  const last = new Map(rides.map((ride) => [ride.partition, ride]));
  for (const ride of last.values()) await transaction.addOffset(ride);
  await transaction.commit();
}
