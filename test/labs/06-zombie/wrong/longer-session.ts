/** Balances: each ride adds 10 points to the balance of its customer. */
import type { Zombie } from '#lab';

export default async function start({ kafka, accounts }: Zombie) {
  const consumer = kafka.consumer({ groupId: 'loyalty', sessionTimeout: 60_000 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  // --- your part begins
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const place = { topic, partition, offset: message.offset };
      const { customer_id } = JSON.parse(String(message.value));
      const points = await accounts.read(customer_id);
      await accounts.write(customer_id, points + 10, place);
      const next = String(BigInt(message.offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
    },
  });
  // --- your part ends
}
