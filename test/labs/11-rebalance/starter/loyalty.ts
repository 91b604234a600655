/** Loyalty points: each ride gives its customer 10 points. Several processes share the partitions of the topic. */
import type { Rebalance } from '#lab';

export default async function start({ kafka, topic, points }: Rebalance) {
  const consumer = kafka.consumer({
    groupId: 'loyalty-shared',
    sessionTimeout: 4000,
    heartbeatInterval: 250,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  // --- your part begins
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages }, commitOffsetsIfNecessary }) => {
      for (const { offset, value } of messages) {
        const ride = JSON.parse(String(value));
        await points.add(ride.customer_id, 10, { topic, partition, offset });
        const next = String(BigInt(offset) + 1n);
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
      }
    },
  });
  // --- your part ends
}
