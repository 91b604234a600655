/**
 * Writes the output of one partition outside a transaction, and waits for a bounded time. If Kafka does not acknowledge in
 * time, only that partition fails, and it retries as after any other failure.
 *
 * A record that is passed in again is not sent again. Acknowledged records are remembered. A record in flight stays in flight,
 * with the same producer and the same sequence number, so Kafka recognises duplicates. Each send is for one topic and one
 * partition, so it is written completely or not at all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../../once.ts';
import type { BatchTrace } from '../../tracing/spans.ts';
import type { Client } from '../client/connect.ts';
import type { Producer } from '../client/kafkajs.ts';
import { toBatch } from './batch.ts';
import { chunks } from './chunks.ts';
import { openProducer } from './idempotent-producer.ts';
import type { OutgoingRecord } from './records.ts';
import { sizeOf } from './size.ts';

/** How long to wait for a write, in milliseconds. A stop has to wait for it too. */
const patience = 3000;
/** One request must not exceed the limit of a topic. The number is that of writer.ts. */
const mostAtOnce = { items: 500, bytes: 700_000 };

export class BoundedWriter {
  readonly #producer: Once<Producer>;
  readonly #written = new WeakSet<OutgoingRecord>();
  /** The latest write, which waits for all earlier ones; never rejects. */
  #underWay: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#producer = new Once(() => openProducer(client));
  }

  /**
   * Writes these records, in order for each topic. All of them are for one partition. Resolves when all replicas have them.
   * @throws Error when Kafka rejects them or does not acknowledge them in time. Pass in the same records to retry
   */
  async writeAll(records: OutgoingRecord[], trace?: BatchTrace): Promise<void> {
    if (records.length === 0) return;
    const write = () => this.#inTime(records);
    await (trace ? trace.sends(records, write) : write());
  }

  async #inTime(records: OutgoingRecord[]): Promise<void> {
    let late = false;
    const before = this.#underWay;
    const writing = before.then(() => this.#send(records, () => !late));
    this.#underWay = writing.catch(() => {});
    const timer = new AbortController();
    const inTime = sleep(patience, false, { signal: timer.signal }).catch(() => false);
    try {
      if (await Promise.race([writing.then(() => true), inTime])) return;
    } catch (error) {
      throw new Error(`${describe(records)} could not be written: ${(error as Error).message}`);
    } finally {
      late = true;
      timer.abort();
    }
    throw new Error(`Kafka did not acknowledge ${describe(records)} within ${patience / 1000} s`);
  }

  /** Closes the producer. Records in flight may be written or not. */
  async stop(): Promise<void> {
    const disconnected = this.#producer
      .take()
      ?.then((producer) => producer.disconnect())
      .catch(() => {});
    await Promise.race([disconnected, sleep(500, null, { ref: false })]); // it may never have connected
  }

  /** @param goesOn false: the caller has given up, so nothing more is sent */
  async #send(records: OutgoingRecord[], goesOn: () => boolean): Promise<void> {
    const missing = records.filter((record) => !this.#written.has(record));
    for (const ofTopic of Map.groupBy(missing, ({ topic }) => topic).values()) {
      for (const chunk of chunks(ofTopic, sizeOf, mostAtOnce)) {
        if (!goesOn()) return;
        await this.#sendOne(chunk);
        for (const record of chunk) this.#written.add(record);
      }
    }
  }

  /** A producer is never reused after an error, because Kafka expects other sequence numbers. */
  async #sendOne(chunk: OutgoingRecord[]): Promise<void> {
    try {
      await (await this.#producer.get()).sendBatch(toBatch(chunk));
    } catch (error) {
      void this.stop();
      throw error;
    }
  }
}

/** One writer for each partition. It outlives a partition assignment, because records in flight do too. */
export class BoundedWriters {
  readonly #client: Client;
  readonly #writers = new Map<number, BoundedWriter>();

  constructor(client: Client) {
    this.#client = client;
  }

  for(partition: number): BoundedWriter {
    const writer = this.#writers.get(partition) ?? new BoundedWriter(this.#client);
    this.#writers.set(partition, writer);
    return writer;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
  }
}

/** `3 records for ride_confirmed/0 and ride_confirmed.email.dlq/0` */
function describe(records: OutgoingRecord[]): string {
  const places = [...new Set(records.map(({ topic, partition }) => `${topic}/${partition}`))];
  return `${records.length} ${records.length === 1 ? 'record' : 'records'} for ${places.join(' and ')}`;
}
