/** The first simple program: parses and sends each message separately. */
import { Kafka } from 'kafkajs';
import { decided } from './decided.ts';

const kafka = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string] });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: process.env.GROUP as string });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: process.env.FROM as string, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    await producer.send({ topic: process.env.TO as string, messages: [decided(message)] });
  },
});
