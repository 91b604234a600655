/** Takes the payment for each ride, and says how far behind the service is. */
import type { Backpressure, Waiting } from '#lab';

export default async function start({ kafka, topic, payments }: Backpressure) {
  const consumer = kafka.consumer({ groupId: 'payments' });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  // --- your part begins
  await consumer.run({
    eachBatch: async ({ batch: { partition, messages } }) => {
      // One list for each customer. Six workers take list after list; the rides of one list stay in order.
      const lists = Map.groupBy(messages, ({ key }) => String(key)).values();
      const worker = async () => {
        for (const rides of lists)
          for (const { offset, value } of rides)
            await payments.take(JSON.parse(String(value)), { topic, partition, offset });
      };
      await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);
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
    const next = Math.max(Number(low), committed.get(partition) ?? -1); // -1: nothing is committed
    waiting.set(partition, Number(high) - next);
    // --- your part ends
  }
  return waiting;
}

/** How many processes of the service can work at once on what waits. */
export function processes(lag: Map<number, number>): number {
  const waiting = [...lag.values()];
  // --- your part begins
  return waiting.filter((rides) => rides > 0).length; // each partition has one reader
  // --- your part ends
}
