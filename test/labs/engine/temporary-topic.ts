/** A topic for one check. */
import type { Kafka, Producer } from '@rideflow/shared/kafka/client/kafkajs.ts';
import { commitAsNobody } from '@rideflow/shared/kafka/client/kafkajs-internals.ts';
import { TopicLog } from '../../../infra/check/log.ts';
import type { Raw } from '../../../infra/check/records.ts';
import { rideOf, whenLoaded } from './ground.ts';
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
  /** Writes a ride for each of these, in their order. The key is the customer. */
  book(rides: { partition: number; customer: string }[]): Promise<void>;
  /** Every message, by partition. */
  read(): Promise<Stored[]>;
  /** Lets a group continue after everything that is on the topic now, in all partitions or in `only` some. */
  commitEnd(group: string, only?: number[]): Promise<void>;
}

export async function withTopic<T>(
  brokers: string[],
  partitions: number,
  use: (topic: TemporaryTopic) => Promise<T>,
): Promise<T> {
  const opened: { disconnect(): Promise<void> }[] = [];
  const kafka = kafkaOf(brokers, (client) => opened.push(client), true);
  const topic = `rides-on-${partitions}-${Math.random().toString(36).slice(2, 8)}`;
  let number = 0;
  const [admin, producer, log] = [kafka.admin(), kafka.producer(), new TopicLog(brokers)];
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
      waitForLeaders: false, // kafkajs gives up if the broker does not know the new topic yet
    });
    await whenLoaded(async () => {
      await log.open([topic], []);
      await log.ends(topic);
    });
    return await use({
      topic,
      kafka,
      producer,
      async book(rides) {
        const messages = rides.map(({ partition, customer }) => {
          const ride = rideOf({ number: ++number, customer, partition }, () => `ride-${number}`);
          return { partition, key: customer, value: JSON.stringify(ride) };
        });
        await producer.send({ topic, messages });
      },
      async read() {
        const found: Stored[] = [];
        await log.read(topic, new Map(), await log.ends(topic), (partition, record) =>
          found.push({ partition, record: record as Stored['record'] }),
        );
        return found;
      },
      async commitEnd(group, only) {
        const ends = [...(await log.ends(topic))].filter(([partition]) => only?.includes(partition) ?? true);
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
