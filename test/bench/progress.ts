/** How far things on Kafka are, asked of Kafka itself, which may have no leader for a topic that was just made. */
import type { Admin } from 'kafkajs';
import { eventually } from '../support/eventually.ts';
import { sum } from './throughput.ts';

/** Where a topic ends, over all partitions, for who reads committed messages. Each end of a transaction takes an offset too. */
export const endOf = (admin: Admin, topic: string): Promise<number> =>
  eventually(async () => sum((await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high))));

/** How far a group has committed, over all partitions. */
export const committedBy = (admin: Admin, groupId: string, topic: string): Promise<number> =>
  eventually(async () => {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return sum(answer?.partitions.map(({ offset }) => Math.max(0, Number(offset))) ?? []);
  });
