/** Decides rides, each in one Kafka transaction. The transaction is finished: see lab 5. */
import type { Poison } from '#lab';

export default async function start(tools: Poison) {
  const { kafka, decide } = tools;
  const consumer = kafka.consumer({ groupId: 'transaction' });
  const admin = kafka.admin();
  await Promise.all([consumer.connect(), admin.connect()]);
  await consumer.subscribe({ topic: 'ride_details', fromBeginning: true });
  const writers = new Map<number, Awaited<ReturnType<typeof open>>>();

  async function open(partition: number) {
    const producer = kafka.producer({
      transactionalId: `transaction/ride_details/${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    await (await producer.transaction()).abort();
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
      const place = { topic, partition, offset: message.offset };
      const next = String(BigInt(message.offset) + 1n);
      try {
        const transaction = await writer.producer.transaction();
        // --- your part begins
        try {
          const decision = decide(message, place);
          await transaction.send({ topic: 'ride_confirmed', messages: [decision] });
        } catch (error) {
          const { name } = error as Error;
          if (name !== 'Unprocessable') throw error;
          await transaction.send({
            topic: 'ride_details.transaction.dlq',
            messages: [{ key: message.key, value: message.value }],
          });
        }
        // --- your part ends
        await transaction.sendOffsets({
          consumerGroupId: 'transaction',
          topics: [{ topic, partitions: [{ partition, offset: next }] }],
        });
        await transaction.commit();
      } catch (error) {
        writers.delete(partition);
        throw error;
      }
    },
  });
}
