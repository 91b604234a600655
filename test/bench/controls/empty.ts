/** The maximum of this client: an `eachBatch` that does nothing. */
import { Kafka } from 'kafkajs';

const consumer = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string] }).consumer({
  groupId: process.env.GROUP as string,
});
await consumer.connect();
await consumer.subscribe({ topic: process.env.FROM as string, fromBeginning: true });
await consumer.run({ eachBatch: async () => {} });
