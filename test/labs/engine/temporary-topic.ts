/** A topic for one check of code that runs in this process. */
import type { Kafka, Producer } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { commitAsNobody } from '@rideflow/shared/kafka/client/kafkajs-internals.ts';
import { TopicLog } from '../../../infra/check/log.ts';
import type { Raw } from '../../../infra/check/records.ts';
import { whenLoaded } from './ground.ts';
import { kafkaOf } from './kafka.ts';

export interface Stored {
  partition: number;
  record: Raw & { key: Buffer | null };
}

export interface TemporaryTopic {
  topic: string;
  /** For the student's code. What it connects is disconnected at the end. */
  kafka: Kafka;
  producer: Producer;
  /** Every message, by partition. */
  read(): Promise<Stored[]>;
  /** Lets a group continue after everything that is on the topic now. */
  commitEnd(group: string): Promise<void>;
}

export async function withTopic<T>(
  brokers: string[],
  partitions: number,
  use: (topic: TemporaryTopic) => Promise<T>,
): Promise<T> {
  const opened: { disconnect(): Promise<void> }[] = [];
  const kafka = kafkaOf(brokers, (client) => opened.push(client), true);
  const topic = `rides-on-${partitions}-${Math.random().toString(36).slice(2, 8)}`;
  const [admin, producer, log] = [kafka.admin(), kafka.producer(), new TopicLog(brokers)];
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
      waitForLeaders: true,
    });
    await whenLoaded(() => log.open([topic], []));
    return await use({
      topic,
      kafka,
      producer,
      async read() {
        const found: Stored[] = [];
        await log.read(topic, new Map(), await log.ends(topic), (partition, record) =>
          found.push({ partition, record: record as Stored['record'] }),
        );
        return found;
      },
      async commitEnd(group) {
        const ends = [...(await log.ends(topic))];
        await commitAsNobody(
          kafka,
          group,
          topic,
          ends.map(([partition, offset]) => ({ partition, offset: String(offset) })),
        );
      },
    });
  } finally {
    await admin.deleteTopics({ topics: [topic] }).catch(() => {});
    await Promise.allSettled([log.close(), ...opened.map((client) => client.disconnect())]);
  }
}
