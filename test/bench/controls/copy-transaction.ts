/** The simple program for exactly once: the copy with JSON, with each batch and its offset in one transaction. */
import { Kafka } from 'kafkajs';
import { decided } from './decided.ts';

const kafka = new Kafka({ brokers: [process.env.KAFKA_BROKERS as string], retry: { initialRetryTime: 3 } });
const groupId = process.env.GROUP as string;
const producer = kafka.producer({ transactionalId: groupId, idempotent: true, maxInFlightRequests: 1 });
const consumer = kafka.consumer({ groupId });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: process.env.FROM as string, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    const { topic, partition } = batch;
    const messages = batch.messages.map(decided);
    const transaction = await producer.transaction();
    try {
      await transaction.send({ topic: process.env.TO as string, messages });
      const offset = String(BigInt(batch.lastOffset()) + 1n);
      await transaction.sendOffsets({
        consumerGroupId: groupId,
        topics: [{ topic, partitions: [{ partition, offset }] }],
      });
      await transaction.commit();
    } catch (error) {
      await transaction.abort();
      throw error;
    }
  },
});
