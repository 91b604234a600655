/** Loyalty points: each ride gives its customer 10 points. */
import type { FirstConsumer } from '#lab';

export default async function start({ kafka, points }: FirstConsumer) {
  const consumer = kafka.consumer({ groupId: 'loyalty' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      // --- your part begins
      const next = String(BigInt(message.offset) + 1n); // the offset to continue with
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
      const ride = JSON.parse(String(message.value));
      await points.add(ride.customer_id, 10, { topic, partition, offset: message.offset });
      // --- your part ends
    },
  });
}
