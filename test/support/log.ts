/** The topics as a plain Kafka client sees them, read-committed, without code of the services. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, type IHeaders, Kafka, logLevel, type Message, type Producer } from 'kafkajs';

export interface Entry {
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  text: string;
  /** Undefined if the value is not JSON. */
  value: Record<string, unknown> | undefined;
  headers: Record<string, string>;
  /** When it was read, in milliseconds since 1970. */
  seen: number;
}

export const allTopics = [
  'ride_details',
  'ride_confirmed',
  'ride_details.transaction.dlq',
  'ride_confirmed.email.dlq',
  'ride_confirmed.analytics.dlq',
];

/** Survives an unavailable broker, because restarting as a new group member would take a session timeout. */
const patient = { initialRetryTime: 100, retries: 300, maxRetryTime: 500 };

export class Log {
  readonly entries: Entry[] = [];
  /** Called for each entry. */
  onEntry: (entry: Entry) => void = () => {};
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  /** Next offset per `topic/partition`, because a consumer that rejoins its group starts from the beginning. */
  readonly #positions = new Map<string, bigint>();
  readonly #producer: Producer;

  /** @param readUncommitted also reads records of open and aborted transactions */
  constructor(brokers: string[], readUncommitted = false) {
    this.#kafka = new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      requestTimeout: 5000,
      retry: patient,
    });
    this.#consumer = this.#kafka.consumer({
      groupId: `test-${randomUUID()}`,
      sessionTimeout: 6000,
      heartbeatInterval: 500,
      maxWaitTimeInMs: 500, // of a fetch that finds nothing; a new record ends it at once
      metadataMaxAge: 1000, // topics grow
      readUncommitted,
      retry: patient,
    });
    this.#producer = this.#kafka.producer({ allowAutoTopicCreation: false });
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    await this.#consumer.subscribe({ topics: allTopics, fromBeginning: true });
    // kafkajs gives up for good if it finds no group coordinator, such as while a broker starts. This is no service, which its
    // supervisor would restart.
    this.#consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) this.#read().catch(() => {}); // it has crashed anew, or was stopped
    });
    await this.#read();
  }

  async #read(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const place = `${topic}/${partition}`;
        if (BigInt(message.offset) < (this.#positions.get(place) ?? 0n)) return;
        this.#positions.set(place, BigInt(message.offset) + 1n);
        const text = message.value?.toString() ?? '';
        const key = message.key?.toString() ?? null;
        const entry = {
          topic,
          partition,
          offset: message.offset,
          key,
          text,
          value: parse(text),
          headers: asText(message.headers),
          seen: Date.now(),
        };
        this.entries.push(entry);
        this.onEntry(entry);
      },
    });
  }

  on(topic: string): Entry[] {
    return this.entries.filter((entry) => entry.topic === topic);
  }

  /** Writes as a foreign client would. */
  async write(topic: string, ...messages: Message[]): Promise<void> {
    await this.#producer.send({ topic, messages });
  }

  /** Partitions and their owners, from Kafka. */
  async members(groupId: string): Promise<number> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([groupId]);
    await admin.disconnect();
    return groups[0]?.members.length ?? 0;
  }

  /** The distinct client ids of a group's members, from Kafka. */
  async clientIds(groupId: string): Promise<string[]> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([groupId]);
    await admin.disconnect();
    return [...new Set(groups[0]?.members.map(({ clientId }) => clientId))];
  }

  async stop(): Promise<void> {
    const disconnected = Promise.allSettled([this.#consumer.disconnect(), this.#producer.disconnect()]);
    await Promise.race([disconnected, sleep(5000, null, { ref: false })]); // the broker may have stopped
  }
}

function parse(text: string): Entry['value'] {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const asText = (headers: IHeaders = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
