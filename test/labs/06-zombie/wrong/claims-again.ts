/** Balances: each ride adds 10 points to the balance of its customer. */
import type { Zombie } from '#lab';

export default async function start({ kafka, accounts }: Zombie) {
  const consumer = kafka.consumer({ groupId: 'loyalty' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  // --- your part begins
  const epochs = new Map<number, number>();
  consumer.on(consumer.events.GROUP_JOIN, () => epochs.clear()); // the partitions are assigned anew

  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const place = { topic, partition, offset: message.offset };
      const { customer_id } = JSON.parse(String(message.value));
      const epoch = epochs.get(partition) ?? (await accounts.claim(partition));
      epochs.set(partition, epoch);
      const points = await accounts.read(customer_id);
      try {
        await accounts.write(customer_id, points + 10, place, epoch);
      } catch {
        const again = await accounts.claim(partition);
        await accounts.write(customer_id, points + 10, place, again);
      }
      const next = String(BigInt(message.offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
    },
  });
  // --- your part ends
}
