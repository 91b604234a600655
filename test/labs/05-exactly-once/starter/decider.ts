/** Decides rides: reads ride_details and writes one decision for each ride to ride_confirmed. */
import type { ExactlyOnce } from '#lab';

export default async function start({ kafka, decide }: ExactlyOnce) {
  const consumer = kafka.consumer({ groupId: 'transaction' });
  const admin = kafka.admin();
  await Promise.all([consumer.connect(), admin.connect()]);
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  // --- your part begins
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();

  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const decision = decide(message, { topic, partition, offset: message.offset });
      const next = String(BigInt(message.offset) + 1n);
      await producer.send({ topic: 'ride_confirmed', messages: [decision] });
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
    },
  });
  // --- your part ends
}
