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
  process.once('SIGTERM', async () => {
    await consumer.disconnect(); // waits for the ride that the process is working on, and leaves the group
    process.exit();
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, isRunning, heartbeat, commitOffsetsIfNecessary }) => {
      const { partition, messages } = batch;
      for (const { offset, value } of messages) {
        if (!isRunning()) return;
        const ride = JSON.parse(String(value));
        await points.add(ride.customer_id, 10, { topic, partition, offset });
        const next = String(BigInt(offset) + 1n);
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
        await heartbeat(); // throws when the group is rebalanced, so this process joins again at once
      }
    },
  });
  // --- your part ends
}
