/**
 * Writes to Kafka as a foreign script would: no key, no headers, partitions in turns. The observer writes to no topic; this is
 * the hand of the person at the page, with a connection of its own that is opened when it is first needed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@rideflow/shared/http/problem.ts';
import { connect } from '@rideflow/shared/kafka/client/connect.ts';
import { Writer } from '@rideflow/shared/kafka/writing/writer.ts';
import { Once } from '@rideflow/shared/once.ts';
import type { Service } from '@rideflow/shared/service.ts';
import { rideDetails, type TopicName } from '@rideflow/shared/topics.ts';
import { notAllowed } from './not-allowed.ts';

/** Of one record, in milliseconds. */
const patience = 5000;
/** More than this is not queued: Kafka does not keep up. */
const mostQueued = 5000;

type Client = Pick<Service, 'config' | 'log'>;

export class ForeignWriter {
  readonly #client: Client & { name: string };
  /** Why Kafka did not take the latest that it did not take. */
  #reason = 'no answer';
  /** Resolves as soon as Kafka says that it will never take anything. */
  #refused = Promise.withResolvers<Problem>();
  #writer: Writer | null = null;
  /** All topics have as many. */
  readonly #partitions = new Once(async () => {
    const admin = connect(this.#client, 'admin').admin();
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [rideDetails.name] });
      return topics[0]?.partitions.length || 1;
    } finally {
      await admin.disconnect();
    }
  });
  #next = 0;

  constructor({ config, log }: Client) {
    const warn = (details: { err?: Error }, text: string) => {
      this.#reason = details.err?.message ?? this.#reason;
      const problem = notAllowed(details.err, 'write messages');
      if (problem) this.#refused.resolve(problem);
      log.debug(details, text);
    };
    this.#client = { name: 'flow-controls', config, log: Object.create(log, { warn: { value: warn } }) };
  }

  /**
   * @returns its coordinates, as soon as Kafka has it
   * @throws Problem 503 when Kafka does not take it in time: then nothing is known of it, and it is not tried again
   */
  async write(topic: TopicName, value: Buffer | string | null): Promise<string> {
    const partitions = await this.#partitions.get().catch((error: Error) => {
      const problem = notAllowed(error, `read ${rideDetails.name}`);
      if (problem) throw problem;
      throw new Problem(503, `Kafka does not answer (${error.message}).`);
    });
    this.#writer ??= new Writer(this.#client);
    if (this.#writer.queued > mostQueued)
      throw new Problem(503, 'Kafka does not keep up with what is written.');
    const partition = this.#next++ % partitions;
    const writer = this.#writer;
    const written = writer.write({ topic, partition, key: null, value, headers: {} }).catch(() => null);
    const offset = await Promise.race([
      written,
      this.#refused.promise,
      sleep(patience, null, { ref: false }),
    ]);
    if (typeof offset === 'string') return `${topic}/${partition}/${offset}`;
    if (this.#writer === writer) this.#writer = null;
    void writer.stop(0);
    if (offset) {
      this.#refused = Promise.withResolvers();
      throw offset;
    }
    throw new Problem(503, `Kafka did not take the message within ${patience / 1000} s (${this.#reason}).`);
  }

  async stop(): Promise<void> {
    await this.#writer?.stop();
    this.#writer = null;
  }
}
