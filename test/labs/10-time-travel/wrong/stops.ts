/** Rebuilds the view of the rides from the beginning of the topic, and lets customers see it. */

import type { EachMessageHandler } from 'kafkajs';
import type { TimeTravel } from '#lab';

export default async function rebuild({ kafka, topic, views }: TimeTravel): Promise<void> {
  // --- your part begins
  const [admin, consumer] = [kafka.admin(), kafka.consumer({ groupId: 'rebuild' })];
  await Promise.all([admin.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });

  // What the new view must contain before customers see it: everything that is on the topic now.
  const offsets = await admin.fetchTopicOffsets(topic);
  const left = new Map(
    offsets.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, BigInt(high)]),
  );
  await new Promise<void>((resolve, reject) => {
    const eachMessage: EachMessageHandler = async ({ partition, message }) => {
      const ride = JSON.parse(String(message.value));
      const place = { topic, partition, offset: message.offset };
      if (!ride.cancelled) await views.count('rebuilt', ride.customer_id, place);
      if (BigInt(message.offset) + 1n < (left.get(partition) ?? 0n)) return;
      if (!left.delete(partition) || left.size > 0) return;
      await views.serve('rebuilt');
      resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  // --- your part ends
}
