/**
 * Exactly once into a database: results and offsets change in one transaction of that database. Only the stored offsets
 * determine where to continue.
 */
import type { Received } from '../../reading.ts';
import type { Service } from '../../service.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { isRebalance } from '../client/offsets.ts';
import type { Found } from '../consuming/membership.ts';
import { BoundedWriters } from '../writing/bounded-writer.ts';
import type { AssignedPartition, CommitOffset, Effect, Guarantee, Handled } from './guarantee.ts';

/** A database that keeps results and offsets together. */
export interface Store<T> {
  /** The next offset of each partition, stored together with the results. A missing partition is read from its start. */
  offsets(): Map<number, string>;
  /**
   * Stores the effect of these messages, in order, and the next offset of the partition in one transaction.
   * @param once skips messages below the stored next offset, which already had their effect
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

  /**
   * Seeks at once, because the committed offset in Kafka may be ahead of a deleted database, and then no batch would arrive.
   */
  assign(consumer: Consumer, topic: string, partition: number): AssignedPartition {
    const stored = this.#store.offsets().get(partition);
    consumer.seek({ topic, partition, offset: stored ?? '0' });
    const writer = this.#writers.for(partition);
    const store = (handled: Handled[], nextOffset: string) =>
      this.#store.apply(partition, receivedOf<T>(handled), nextOffset, true);
    return {
      isNew: stored === undefined,
      begin: async () => null,
      apply: async (handled, nextOffset, trace) => {
        // Dead letters first: a crash before the transaction parks them again with the same ce_id. In the other order, a crash
        // would lose them.
        await writer.writeAll(
          handled.flatMap(({ records }) => records),
          trace,
        );
        if (trace) trace.stores(() => store(handled, nextOffset));
        else store(handled, nextOffset);
      },
      moveTo: async (offset) => store([], offset),
      commit: (nextOffset, commitOffset) => this.#copy(nextOffset, commitOffset),
      close: () => {},
    };
  }

  stop() {
    return this.#writers.stop();
  }

  /** Only for Kafka's tools: this copy of the offset is never read here, and the next commit replaces a failed one. */
  async #copy(nextOffset: string, commitOffset: CommitOffset) {
    try {
      await commitOffset(nextOffset);
    } catch (error) {
      if (isRebalance(error)) throw error;
      this.#service.log.debug({ err: error }, 'could not commit the copy of the offset');
    }
  }
}

/**
 * Results without offsets, for comparison: with at most once and at least once, the committed offset in Kafka determines where
 * to continue. A crash in between loses messages or counts them again.
 */
export const storeApart =
  <T>(store: Store<T>): Effect =>
  (partition, handled, nextOffset) =>
    store.apply(partition, receivedOf<T>(handled), nextOffset, false);

const receivedOf = <T>(handled: Handled[]) =>
  handled.flatMap(({ received }) => (received ? [received as Received<T>] : []));

/**
 * Offsets mean nothing in another topic of the same name.
 * @throws Error when a stored offset is beyond the end, because the topic was recreated
 */
export function expectKnownTopic(topic: string, stored: Map<number, string>, ends: Found['ends']): void {
  for (const { partition, high } of ends) {
    const offset = stored.get(partition);
    if (offset !== undefined && BigInt(offset) > BigInt(high)) {
      throw new Error(
        `the stored results include ${topic}/${partition} up to offset ${offset}, but it ends at ${high}: ` +
          'this is a different topic. Delete the database to count from the start',
      );
    }
  }
}
