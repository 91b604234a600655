/** Loyalty points: each ride gives its customer 10 points. */
import type { Idempotence } from '#lab';

export default async function start({ kafka, points }: Idempotence) {
  const consumer = kafka.consumer({ groupId: 'loyalty' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const place = { topic, partition, offset: message.offset };
      const ride = JSON.parse(String(message.value));
      // --- your part begins
      const identity = message.headers?.ce_id?.toString() ?? `${topic}/${partition}/${message.offset}`;
      await points.transaction(async () => {
        if (await points.remembers(identity)) return;
        await points.remember(identity);
        points.add(ride.customer_id, 10, place);
      });
      // --- your part ends
      const next = String(BigInt(message.offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
    },
  });
}
