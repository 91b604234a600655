/** An `eachBatch` that only counts. */
import { Kafka } from 'kafkajs';

const consumer = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string] }).consumer({
  groupId: process.env.GROUP as string,
});
const sum = { rides: 0, minutes: 0 };
await consumer.connect();
await consumer.subscribe({ topic: process.env.FROM as string, fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) {
      sum.rides++;
      sum.minutes += JSON.parse(String(value)).pickup_minutes;
    }
  },
});
