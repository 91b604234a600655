/** Exactly once into a database: results and offsets change in one transaction of that database, which alone says where to go on. */
import type { Received } from '../../reading.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { isRebalance } from '../client/offsets.ts';
import { BoundedWriters } from '../writing/bounded-writer.ts';
import type { AssignedPartition, CommitOffset, Effect, Guarantee, Handled } from './guarantee.ts';

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

export class ExactlyOnceStore<T> implements Guarantee {
  readonly givesUp = false;
  readonly keepsHandled = true;
  readonly #service: Service;
  readonly #store: Store<T>;
  readonly #writers: BoundedWriters;

  constructor(service: Service, store: Store<T>) {
    this.#service = service;
    this.#store = store;
    this.#writers = new BoundedWriters(service);
  }

  /** Seeks at once: Kafka's copy of the offset may be ahead of a database that was deleted, and then no batch would come. */
  assign(consumer: Consumer, topic: string, partition: number): AssignedPartition {
    const stored = this.#store.offsets().get(partition);
    consumer.seek({ topic, partition, offset: stored ?? '0' });
    const writer = this.#writers.for(partition);
    const store = (handled: Handled[], nextOffset: string) =>
      this.#store.apply(partition, receivedOf<T>(handled), nextOffset, true);
    return {
      isNew: stored === undefined,
      begin: async () => null,
      apply: async (handled, nextOffset) => {
        // Dead letters first: a crash before the transaction parks them again under the same ce_id, one after it would lose them.
        await writer.writeAll(handled.flatMap(({ records }) => records));
        store(handled, nextOffset);
      },
      moveTo: async (offset) => store([], offset),
      commit: (nextOffset, commitOffset) => this.#copy(nextOffset, commitOffset),
      close: () => {},
    };
  }

  stop() {
    return this.#writers.stop();
  }

  /** For the eyes of Kafka's tools: this copy of the offset is never read back here, and the next one covers one that failed. */
  async #copy(nextOffset: string, commitOffset: CommitOffset) {
    try {
      await commitOffset(nextOffset);
    } catch (error) {
      if (isRebalance(error)) throw error;
      this.#service.log.debug({ err: error }, 'the copy of the offset was not committed');
    }
  }
}

/**
 * Results alone, for comparison: under at most once and at least once Kafka's committed offset says where to go on. A crash between
 * the two loses what was read, or counts it again.
 */
export const storeApart =
  <T>(store: Store<T>): Effect =>
  (partition, handled, nextOffset) =>
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
