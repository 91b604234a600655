/** Entry points: a service takes in the messages of its row of the topology, with the guarantee that was chosen. */

import { type Received, read } from '../reading.ts';
import type { Service } from '../service.ts';
import { topics } from '../topics.ts';
import type { Input, Output, ReaderName } from '../topology.ts';
import { topology } from '../topology.ts';
import { connect } from './client.ts';
import { InTransactions } from './deliver-in-transactions.ts';
import { AtLeastOnce, AtMostOnce } from './deliver-plainly.ts';
import { expectKnownTopic, type Store, StoredWithOffsets, storeApart } from './deliver-to-store.ts';
import type { Delivery, Effect } from './delivery.ts';
import { ensureTopics } from './ensure-topics.ts';
import { reportLag, waitForCoordinator } from './group.ts';
import { startReader } from './reader.ts';
import { toRecord } from './records.ts';

export type { Store } from './deliver-to-store.ts';

export interface ConsumeOptions<S extends ReaderName> {
  /**
   * What to do with one message; `attempt` counts from 1. A returned value is done, and what it returns is sent.
   * `Unprocessable` parks the message on the dead-letter topic. Any other error is transient: the partition waits and
   * the message is tried again, for as long as it takes, before any later one of its partition.
   */
  handle: (message: Received<Input<S>>, attempt: number) => Output<S> | Promise<Output<S>>;
  /** Domain of the address that stands in for a missing customer_email. */
  emailDomain?: string;
  /** For slow handlers: a consumer per partition, so that one slow partition does not hold up the others. */
  consumerPerPartition?: boolean;
  /**
   * How many messages may be in hand at once in all, shared out among the partitions: of different keys, since messages of one key
   * are handled one after the other. For handlers that wait for something outside, and whose order matters per key alone.
   * After a failure the partition goes on at the failed message, and those behind it that were handled by then are not handled again.
   */
  inHand?: number;
}

/** Takes in messages one by one. Resolves when the group was joined; readiness, stop and metrics are registered. */
export async function consume<S extends ReaderName>(
  service: Service<S>,
  options: ConsumeOptions<S>,
): Promise<void> {
  const { reads, writes } = topology[service.name];
  await start(service, {
    consumerPerPartition: options.consumerPerPartition ?? false,
    inHand: options.inHand ?? 1,
    delivery: () => deliveryFor(service, () => new InTransactions(service)),
    handle: async (batch, record, attempt, delivery) => {
      const { partition } = batch;
      const received = read(reads, partition, record, options.emailDomain) as Received<Input<S>>;
      if (delivery.isRepeat?.(batch, received.identity)) return { outcome: 'repeat', received, records: [] };
      const result = await options.handle(received, attempt);
      delivery.remember?.(batch, received.identity);
      const messages = writes === null ? [] : (result as Input<'email'>[]);
      return {
        outcome: 'done',
        received,
        // One outcome of one message always has one identity, so that a repeat can be recognised.
        records: messages.map((message, index) =>
          toRecord(topics[writes as 'ride_confirmed'], partition, message, {
            source: service.name,
            id: index === 0 ? received.identity : `${received.identity}.${index}`,
            traceparent: received.traceparent,
            cause: received,
          }),
        ),
      };
    },
  });
}

/** Takes in messages into a database that keeps its results and its offsets together. */
export async function consumeInto<S extends ReaderName>(
  service: Service<S>,
  store: Store<Input<S>>,
): Promise<void> {
  const { reads } = topology[service.name];
  await start(service, {
    consumerPerPartition: false,
    inHand: 1,
    before: () => expectKnownTopic(service, store.offsets()),
    delivery: () => deliveryFor(service, () => new StoredWithOffsets(service, store), storeApart(store)),
    handle: async ({ partition }, record) => ({
      outcome: 'done',
      received: read(reads, partition, record),
      records: [],
    }),
  });
}

function deliveryFor(service: Service<ReaderName>, exactlyOnce: () => Delivery, effect?: Effect): Delivery {
  switch (service.config.GUARANTEE) {
    case 'at-most-once':
      return new AtMostOnce(service, effect);
    case 'at-least-once':
      return new AtLeastOnce(service, effect);
    case 'exactly-once':
      return exactlyOnce();
  }
}

interface Start {
  before?: () => Promise<void>;
  delivery: () => Delivery;
  handle: Parameters<typeof startReader>[1]['handle'];
  consumerPerPartition: boolean;
  inHand: number;
}

async function start(
  service: Service<ReaderName>,
  { before, delivery, handle, consumerPerPartition, inHand }: Start,
) {
  const partitions = await ensureTopics(service);
  await waitForCoordinator(service);
  await before?.();
  reportLag(service, connect(service, 'admin').admin());
  const stops: (() => Promise<void>)[] = [];
  const keysInHand = Math.max(1, Math.floor(inHand / partitions));
  // Side by side: one after the other, each would be given the partitions of those that left.
  service.onStop('the consumers', () => Promise.all(stops.map((stop) => stop())));
  const readers = Array.from({ length: consumerPerPartition ? partitions : 1 }, () =>
    startReader(service, { delivery: delivery(), handle, keysInHand, partitions, stops }),
  );
  await Promise.all(readers);
}
