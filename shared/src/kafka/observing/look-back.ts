/** Looks at old messages without a group: finds offsets by time, and reads from there. */
import { type Client, connect } from '../client/connect.ts';
import { type ReadStretch, readingBack } from './read-back.ts';

export interface LookBack {
  /**
   * By partition: what Kafka has of a topic, and the first message that is not older than a time.
   * @param time milliseconds since 1970, compared with the timestamps of the messages
   */
  offsetsAt(topic: string, time: number): Promise<{ start: number; at: number; end: number }[]>;
  /** Reads uncommitted, with transaction markers. */
  read: ReadStretch;
}

/** Over connections that live as long as `use`. @throws errors of kafkajs when Kafka does not answer */
export async function lookBack<T>(client: Client, use: (look: LookBack) => Promise<T>): Promise<T> {
  const kafka = connect(client, 'admin');
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use({
      async offsetsAt(topic, time) {
        const [bounds, found] = await Promise.all([
          admin.fetchTopicOffsets(topic),
          admin.fetchTopicOffsetsByTimestamp(topic, Math.floor(time)),
        ]);
        return bounds
          .sort((a, b) => a.partition - b.partition)
          .map(({ partition, low, high }) => {
            const at = found.find((one) => one.partition === partition)?.offset ?? high;
            return { start: Number(low), at: Number(at), end: Number(high) };
          });
      },
      read: readingBack(kafka, 'uncommitted'),
    });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
