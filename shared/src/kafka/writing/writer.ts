/**
 * Writes records outside transactions, except with at-most-once: micro-batched, acknowledged by all replicas, idempotent.
 *
 * Two rules keep the idempotent producer of kafkajs from losing an acknowledged record:
 * - One flush in flight. After a failure kafkajs resets its sequence counter. A second flush in flight would use the free
 *   numbers, and the broker would take the retry of the first flush for a duplicate and acknowledge a record that it never
 *   wrote.
 * - No reuse after an error. A rejected flush means that the outcome is unknown. The producer is replaced (new producer id,
 *   sequence 0) and the same records are sent again. That can write a record twice, with the same `ce_id`, but cannot lose it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../../once.ts';
import type { Client } from '../client/connect.ts';
import type { Producer } from '../client/kafkajs.ts';
import { refusedTime } from '../client/refused-times.ts';
import { offsetsOf, toBatch } from './batch.ts';
import { chunks } from './chunks.ts';
import { openProducer } from './idempotent-producer.ts';
import type { OutgoingRecord } from './records.ts';
import { sizeOf } from './size.ts';

/**
 * One request must not exceed the limit of a topic. The number keeps a flush quick even without faster/group-messages.ts:
 * kafkajs groups 500 records in half a millisecond, and 5000 in 19.
 */
const mostAtOnce = { items: 500, bytes: 800_000 };

interface Pending {
  record: OutgoingRecord;
  bytes: number;
  resolve(offset: string): void;
  reject(error: Error): void;
}

export class Writer {
  readonly #client: Client;
  readonly #producer: Once<Producer>;
  #queue: Pending[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | null = null;
  #flushStarted: number | null = null;
  /** Duration of the last flush, in milliseconds. */
  #lastFlush = 0;
  #inFlight: Pending[] = [];
  #refusal: string | null = null;
  /** True: accepts no more records. */
  #stopped = false;
  /** True: no more retries. */
  #abandoned = false;

  constructor(client: Client) {
    this.#client = client;
    this.#producer = new Once(() => openProducer(client));
  }

  get queued() {
    return this.#queue.length;
  }
  get queuedBytes() {
    return this.#queuedBytes;
  }
  /** Why Kafka rejects the flush in flight; null if it does not. The flush is retried anyway. */
  get refusal() {
    return this.#refusal;
  }

  /** How long the flush in flight has been waiting for Kafka, in milliseconds; 0 if there is none. */
  get waitingFor() {
    return this.#flushStarted === null ? 0 : performance.now() - this.#flushStarted;
  }

  /**
   * The expected time until a new record is acknowledged, in milliseconds, if each flush takes as long as the last one: the
   * flush in flight, the flushes of the queue, and its own. 0 if no flush is in flight.
   */
  get delay() {
    if (this.#flushStarted === null) return 0;
    const full = Math.floor(this.#queue.length / mostAtOnce.items);
    return (2 + full) * Math.max(this.#lastFlush, this.waitingFor) - this.waitingFor;
  }

  /** Connects before the first record. */
  async start(): Promise<void> {
    await this.#producer.get();
  }

  /**
   * Queues one record after all earlier ones, and resolves with its offset when all replicas have it.
   * Never gives up while the process runs. Only rejects after `stop`, and then the outcome is unknown.
   * @param bytes approximate size
   */
  write(record: OutgoingRecord, bytes = sizeOf(record)): Promise<string> {
    if (this.#stopped) return Promise.reject(new Error('the writer has stopped'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ record, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Flushes the queue for at most `patience` milliseconds, and disconnects. */
  async stop(patience = 2000): Promise<void> {
    this.#stopped = true;
    await Promise.race([this.#running, sleep(patience, null, { ref: false })]);
    this.#abandoned = true;
    for (const { reject } of [...this.#inFlight, ...this.#queue.splice(0)])
      reject(new Error('stopped before Kafka acknowledged'));
    const disconnected = this.#producer
      .take()
      ?.then((producer) => producer.disconnect())
      .catch(() => {});
    await Promise.race([disconnected, sleep(500, null, { ref: false })]); // it may never have connected
  }

  async #run() {
    // Waits one turn of the event loop, so records that arrive together are sent together.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      this.#inFlight = this.#take();
      this.#flushStarted = performance.now();
      const offsets = await this.#flush(this.#inFlight.map(({ record }) => record));
      this.#lastFlush = this.waitingFor;
      this.#flushStarted = null;
      for (const [index, { bytes, resolve, reject }] of this.#inFlight.entries()) {
        this.#queuedBytes -= bytes;
        const offset = offsets?.[index];
        if (offset === undefined) reject(new Error('stopped before Kafka acknowledged'));
        else resolve(offset);
      }
      this.#inFlight = [];
    }
    this.#running = null;
  }

  #take(): Pending[] {
    const first = chunks(this.#queue, ({ bytes }) => bytes, mostAtOnce).next().value;
    return this.#queue.splice(0, first?.length ?? 0);
  }

  /** Sends until acknowledged. Returns the offset of each record; null if this writer was stopped first. */
  async #flush(records: OutgoingRecord[]): Promise<string[] | null> {
    const batch = toBatch(records);
    for (let attempt = 1; !this.#abandoned; attempt++) {
      try {
        const producer = await this.#producer.get();
        const offsets = offsetsOf(records, await producer.sendBatch(batch));
        this.#refusal = null;
        return offsets;
      } catch (error) {
        if (this.#abandoned) break;
        this.#refusal = refusedTime(error);
        this.#client.log.warn(
          { err: error, attempt, records: records.length },
          'Kafka did not acknowledge; retrying with a new producer',
        );
        this.#dispose();
        await sleep(Math.min(50 * 2 ** attempt, 1000));
      }
    }
    return null;
  }

  /** Not awaited, because disconnecting from a hanging broker would delay the next producer. */
  #dispose() {
    this.#producer
      .take()
      ?.then((producer) => producer.disconnect())
      .catch(() => {});
  }
}
