/** Decides rides: reads ride_details and writes one decision for each ride to ride_confirmed. */
import type { ExactlyOnce } from '#lab';

export default async function start({ kafka, decide }: ExactlyOnce) {
  const consumer = kafka.consumer({ groupId: 'transaction' });
  const admin = kafka.admin();
  await Promise.all([consumer.connect(), admin.connect()]);
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  // --- your part begins
  const writers = new Map<number, Awaited<ReturnType<typeof open>>>();

  async function open(partition: number) {
    const producer = kafka.producer({
      transactionalId: `transaction/ride_details/${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    // Kafka ends the transactions of every older producer with this id. It accepts nothing from them any more.
    await (await producer.transaction()).abort();
    // Only now nobody else can move the committed offset.
    const [group] = await admin.fetchOffsets({ groupId: 'transaction', topics: ['ride_details'] });
    const committed = group?.partitions.find((one) => one.partition === partition)?.offset ?? '0';
    return { producer, committed: BigInt(committed) };
  }

  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const writer = writers.get(partition) ?? (await open(partition));
      writers.set(partition, writer);
      if (BigInt(message.offset) < writer.committed) return;
      const decision = decide(message, { topic, partition, offset: message.offset });
      try {
        const transaction = await writer.producer.transaction();
        await transaction.send({ topic: 'ride_confirmed', messages: [decision] });
        await transaction.sendOffsets({
          consumerGroupId: 'transaction',
          topics: [{ topic, partitions: [{ partition, offset: message.offset }] }],
        });
        await transaction.commit();
      } catch (error) {
        // The commit may have happened. A new producer finds out from the committed offset.
        writers.delete(partition);
        throw error;
      }
    },
  });
  // --- your part ends
}
