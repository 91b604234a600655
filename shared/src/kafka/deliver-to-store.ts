/** Exactly once into a database: results and offsets change in one transaction of that database, which alone says where to go on. */
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { pass } from '../crash-points.ts';
import type { Received } from '../reading.ts';
import type { Service } from '../service.ts';
import { type ReaderName, topology } from '../topology.ts';
import { connect } from './client.ts';
import { type Delivery, type Effect, type Handled, isRebalance, offsetOf } from './delivery.ts';
import { Writer } from './writer.ts';

/** A database that keeps results and offsets together. */
export interface Store<T> {
  /** Next offset to read per partition, as stored together with the results. A missing partition is read from its start. */
  offsets(): Map<number, string>;
  /**
   * One transaction: the effect of these messages, in order, and the partition's next offset.
   * @param once messages below the stored next offset are skipped: their effect is there already
   */
  apply(partition: number, messages: Received<T>[], nextOffset: string, once: boolean): void;
}

export class StoredWithOffsets<T> implements Delivery {
  readonly givesUp = false;
  readonly #store: Store<T>;
  readonly #service: Service;
  readonly #writer: Writer;

  constructor(service: Service, store: Store<T>) {
    this.#service = service;
    this.#store = store;
    this.#writer = new Writer(service);
  }

  assigned(consumer: Consumer, topic: string, partitions: number[]) {
    const stored = this.#store.offsets();
    for (const partition of partitions)
      consumer.seek({ topic, partition, offset: stored.get(partition) ?? '0' });
  }

  async begin() {
    return true;
  }

  async finish(
    { batch, commitOffsetsIfNecessary }: EachBatchPayload,
    handled: Handled[],
    nextOffset: string,
  ) {
    // Dead letters first: a crash before the transaction parks them again under the same ce_id, one after it would lose them.
    await Promise.all(handled.flatMap(({ records }) => records).map((record) => this.#writer.write(record)));
    pass('before-produce');
    this.#store.apply(batch.partition, receivedOf<T>(handled), nextOffset, true);
    try {
      // A copy for the eyes of Kafka's tools: it is never read back here.
      await commitOffsetsIfNecessary(offsetOf(batch.topic, batch.partition, nextOffset));
    } catch (error) {
      if (isRebalance(error)) throw error;
      this.#service.log.debug(
        { err: error },
        'the copy of the offset was not committed; the next one covers it',
      );
    }
  }

  stop() {
    return this.#writer.stop();
  }
}

/**
 * Results alone, for comparison: under at most once and at least once Kafka's committed offset says where to go on. A crash between
 * the two loses what was read, or counts it again.
 */
export const storeApart =
  <T>(store: Store<T>): Effect =>
  ({ partition }, handled, nextOffset) =>
    store.apply(partition, receivedOf<T>(handled), nextOffset, false);

const receivedOf = <T>(handled: Handled[]) =>
  handled.flatMap(({ received }) => (received ? [received as Received<T>] : []));

/**
 * Offsets mean nothing in another topic of the same name.
 * @throws Error when a stored offset lies behind the end: the topic was made anew since
 */
export async function expectKnownTopic(
  service: Service<ReaderName>,
  stored: Map<number, string>,
): Promise<void> {
  const topic = topology[service.name].reads;
  const admin = connect(service, 'admin').admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  for (const { partition, high } of ends) {
    const offset = stored.get(partition);
    if (offset !== undefined && BigInt(offset) > BigInt(high)) {
      throw new Error(
        `the stored results count ${topic}/${partition} up to offset ${offset}, but it ends at ${high}: ` +
          'this is not the topic that was counted. Delete the database to count from the start',
      );
    }
  }
}
