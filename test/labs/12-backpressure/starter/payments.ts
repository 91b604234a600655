/** Takes the payment for each ride, and says how far behind the service is. */
import type { Backpressure, Waiting } from '#lab';

export default async function start({ kafka, topic, payments }: Backpressure) {
  const consumer = kafka.consumer({ groupId: 'payments' });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  // --- your part begins
  await consumer.run({
    eachBatch: async ({ batch: { partition, messages } }) => {
      for (const { offset, value } of messages)
        await payments.take(JSON.parse(String(value)), { topic, partition, offset });
    },
  });
  // --- your part ends
}

/** How many rides wait in each partition. */
export async function lag({ admin, topic, groupId }: Waiting): Promise<Map<number, number>> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  const waiting = new Map<number, number>();
  for (const { partition, low, high } of ends) {
    // --- your part begins
    waiting.set(partition, Number(high) - (committed.get(partition) ?? Number(low)));
    // --- your part ends
  }
  return waiting;
}

/** How many processes of the service can work at once on what waits. */
export function processes(lag: Map<number, number>): number {
  const waiting = [...lag.values()];
  // --- your part begins
  const total = waiting.reduce((sum, rides) => sum + rides, 0);
  return Math.ceil(total / 50);
  // --- your part ends
}
