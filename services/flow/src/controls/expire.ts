/** Deletes the oldest messages of a partition, as retention does. */
import { Problem } from '@rideflow/shared/http/problem.ts';
import { type Client, connect } from '@rideflow/shared/kafka/client/connect.ts';
import type { TopicName } from '@rideflow/shared/topics.ts';

interface Asked {
  topic: TopicName;
  partition: number;
  /** The first offset that is kept. */
  before: number;
}

/** @throws Problem with what is accepted; 503 when Kafka does not do it */
export async function expire(client: Client, { topic, partition, before }: Asked): Promise<void> {
  const admin = connect(client, 'admin').admin();
  try {
    await admin.connect();
    const ends = (await admin.fetchTopicOffsets(topic)).find((one) => one.partition === partition);
    if (!ends) throw new Problem(404, `${topic} has no partition ${partition}.`);
    const { low, high } = ends;
    if (before < Number(low) || before > Number(high)) {
      const detail = `must be from ${low} to ${high}, the offsets that partition ${partition} of ${topic} has`;
      throw new Problem(400, `The offset ${detail}.`, { errors: [{ pointer: '/before', detail }] });
    }
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(503, `Kafka did not delete the messages (${(error as Error).message}).`);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
