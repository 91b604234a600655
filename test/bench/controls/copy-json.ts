/** The simple program: an `eachBatch` loop that parses, decides and sends, without a transaction. */
import { Kafka } from 'kafkajs';
import { decided } from './decided.ts';

const kafka = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string] });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: process.env.GROUP as string });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: process.env.FROM as string, fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    const messages = batch.messages.map(decided);
    await producer.send({ topic: process.env.TO as string, messages });
  },
});
