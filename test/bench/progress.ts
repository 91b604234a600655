/** Progress on Kafka, from Kafka itself, which may have no leader for a new topic. */
import type { Admin } from 'kafkajs';
import { eventually } from '../support/eventually.ts';
import { sum } from './throughput.ts';

/** The sum of the last stable offsets of a topic. Each transaction marker takes an offset too. */
export const endOf = (admin: Admin, topic: string): Promise<number> =>
  eventually(async () => sum((await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high))));

/** The sum of the committed offsets of a group. */
export const committedBy = (admin: Admin, groupId: string, topic: string): Promise<number> =>
  eventually(async () => {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return sum(answer?.partitions.map(({ offset }) => Math.max(0, Number(offset))) ?? []);
  });
