/** How far things on Kafka are, asked of Kafka itself. */
import type { Admin } from 'kafkajs';
import { sum } from './throughput.ts';

/** Where a topic ends, over all partitions, for who reads committed messages. Each end of a transaction takes an offset too. */
export const endOf = async (admin: Admin, topic: string): Promise<number> =>
  sum((await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high)));

/** How far a group has committed, over all partitions. */
export async function committedBy(admin: Admin, groupId: string, topic: string): Promise<number> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return sum(answer?.partitions.map(({ offset }) => Math.max(0, Number(offset))) ?? []);
}
