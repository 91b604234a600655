/**
 * Writes what the messages of one partition lead to, outside a transaction, and waits for it for a bounded time. What Kafka has not
 * acknowledged by then is a failure of that partition alone, which waits and tries again as after any other.
 *
 * A record that is handed over again is not sent again. One that was acknowledged is known. One that is under way stays so, with the
 * same producer and the same sequence number, so that Kafka recognises what it has. Each send is for one topic and one partition, so it is
 * written as a whole or not at all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../../once.ts';
import type { Client } from '../client/connect.ts';
import type { Producer } from '../client/kafkajs.ts';
import { toBatch } from './batch.ts';
import { chunks } from './chunks.ts';
import { openProducer } from './idempotent-producer.ts';
import type { OutgoingRecord } from './records.ts';
import { sizeOf } from './size.ts';

/** How long a write is waited for, in milliseconds. A stop has to wait for it, too. */
const patience = 3000;
/** kafkajs groups in quadratic time, and one request must not exceed what a topic takes. */
const mostAtOnce = { items: 500, bytes: 700_000 };

export class BoundedWriter {
  readonly #producer: Once<Producer>;
  readonly #written = new WeakSet<OutgoingRecord>();
  /** The latest write, and through it all before; never rejects. */
  #underWay: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#producer = new Once(() => openProducer(client));
  }

  /**
   * Writes these records, in order for each topic; all of them are for one partition. Resolves when all replicas have all of them.
   * @throws Error when Kafka refuses them or does not acknowledge them in time: hand over the same records to try again
   */
  async writeAll(records: OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
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

  /** Lets go of the producer; what is under way may be written or not. */
  async stop(): Promise<void> {
    const disconnected = this.#producer
      .take()
      ?.then((producer) => producer.disconnect())
      .catch(() => {});
    await Promise.race([disconnected, sleep(500, null, { ref: false })]); // it may never have connected
  }

  /** @param goesOn false: whoever asked has given up, so nothing more is begun */
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

  /** A producer is never used again after an error: its sequence numbers are not those that Kafka expects. */
  async #sendOne(chunk: OutgoingRecord[]): Promise<void> {
    try {
      await (await this.#producer.get()).sendBatch(toBatch(chunk));
    } catch (error) {
      void this.stop();
      throw error;
    }
  }
}

/** One writer for each partition. It outlives an assignment, as what is under way does. */
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
