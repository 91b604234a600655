/**
 * Consumes the messages of the topic in the service's row of the topology, with the chosen guarantee:
 *
 *     await runService('loyalty', config, process.env, async (service) => {
 *       await consume(service, {
 *         handle: ({ value: ride }) => addPoints(ride.customer_id, pointsFor(ride)),
 *       });
 *     });
 */
import type { Received } from '../reading.ts';
import type { Service } from '../service.ts';
import { type Input, type Output, type ReaderName, topology } from '../topology.ts';
import { connect } from './client/connect.ts';
import type { HandleRecord } from './consuming/handle-message.ts';
import { Ahead } from './consuming/handled-ahead.ts';
import { limited } from './consuming/limit-concurrency.ts';
import { beginAtTheStart, type Found, waitUntilServed } from './consuming/membership.ts';
import { startReader } from './consuming/reader.ts';
import { compareRetention } from './consuming/retention.ts';
import { typedRow } from './consuming/typed-row.ts';
import { ensureTopics } from './ensure-topics.ts';
import { AtLeastOnce } from './guarantees/at-least-once.ts';
import { AtMostOnce } from './guarantees/at-most-once.ts';
import {
  ExactlyOnceStore,
  expectKnownTopic,
  type Store,
  storeApart,
} from './guarantees/exactly-once-store.ts';
import { ExactlyOnceTopic } from './guarantees/exactly-once-topic.ts';
import type { Effect, Guarantee } from './guarantees/guarantee.ts';
import { reportLag } from './observing/lag.ts';
import { followPartitions } from './observing/partitions.ts';

export type { Store } from './guarantees/exactly-once-store.ts';

export interface ConsumeOptions<S extends ReaderName> {
  /**
   * Handles one message; `attempt` counts from 1. If it returns, the message is done and the returned messages are sent.
   * `Unprocessable` parks the message on the dead-letter topic. Any other error is transient: the partition waits, and the
   * message is retried until it succeeds, before any later message of its partition.
   */
  handle: (message: Received<Input<S>>, attempt: number) => Output<S> | Promise<Output<S>>;
  /**
   * For slow handlers: one consumer for each partition, but not more than `inHand`, so a slow partition does not delay the
   * others.
   */
  consumerPerPartition?: boolean;
  /**
   * The most messages that this process handles at once, at least 1, shared among the partitions. Messages with the same key
   * are handled one after the other. Use it for handlers that wait for an external system and only need the order of each key.
   * After a failure the partition continues from the failed message. Later messages that are already handled are only handled
   * again after a crash.
   */
  inHand?: number;
}

/** Consumes messages. Resolves when all consumers have joined the group. Registers readiness, stop and metrics. */
export async function consume<S extends ReaderName>(
  service: Service<S>,
  options: ConsumeOptions<S>,
): Promise<void> {
  const row = typedRow(service.name);
  const { consumerPerPartition = false, inHand } = options;
  const handle = inHand === undefined ? options.handle : limited(inHand, options.handle);
  await start(service, {
    consumerPerPartition,
    inHand,
    guarantee: (partitions) => guaranteeOf(service, () => new ExactlyOnceTopic(service, partitions)),
    handle: async (partition, record, attempt, decided, processing) => {
      const received = row.read(partition, record, service.config.EMAIL_DOMAIN);
      if (decided?.has(received.identity)) return { outcome: 'repeat', received, records: [] };
      const output = await handle(received, attempt);
      const records = row.toRecords(partition, output, received, processing);
      decided?.add(received.identity);
      return { outcome: 'done', received, records };
    },
  });
}

/** Consumes messages into a database that keeps its results and its offsets together. */
export async function consumeInto<S extends ReaderName>(
  service: Service<S>,
  store: Store<Input<S>>,
): Promise<void> {
  const row = typedRow(service.name);
  await start(service, {
    consumerPerPartition: false,
    inHand: undefined,
    before: ({ ends }) => expectKnownTopic(topology[service.name].reads, store.offsets(), ends),
    guarantee: () => guaranteeOf(service, () => new ExactlyOnceStore(service, store), storeApart(store)),
    handle: async (partition, record) => ({
      outcome: 'done',
      received: row.read(partition, record, service.config.EMAIL_DOMAIN),
      records: [],
    }),
  });
}

function guaranteeOf(service: Service<ReaderName>, exactlyOnce: () => Guarantee, effect?: Effect): Guarantee {
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
  before?: (found: Found) => void;
  guarantee: (partitions: number) => Guarantee;
  handle: HandleRecord;
  consumerPerPartition: boolean;
  inHand: number | undefined;
}

async function start(
  service: Service<ReaderName>,
  { before, guarantee, handle, consumerPerPartition, inHand }: Start,
) {
  let partitions = await ensureTopics(service);
  const found = await waitUntilServed(service);
  if (service.config.GUARANTEE !== 'exactly-once') {
    await beginAtTheStart(service, found);
    await compareRetention(service);
  }
  before?.(found);
  reportLag(service, connect(service, 'admin').admin());
  const stops: (() => Promise<void>)[] = [];
  const keysInHand = () => Math.max(1, Math.floor((inHand ?? 1) / partitions));
  const ahead = new Ahead();
  // All at once. If they stopped in turn, each would get the partitions of those that have left.
  service.onStop('the consumers', () => Promise.all(stops.map((stop) => stop())));
  const readers: Promise<void>[] = [];
  const startReaders = () => {
    const wanted = consumerPerPartition ? Math.min(partitions, inHand ?? partitions) : 1;
    while (readers.length < wanted)
      readers.push(
        startReader(service, {
          guarantee: guarantee(partitions),
          handle,
          ahead,
          keysInHand,
          partitions,
          stops,
        }),
      );
    return Promise.all(readers);
  };
  await startReaders();
  if (!consumerPerPartition) return;
  followPartitions(service, partitions, (count) => {
    partitions = count;
    startReaders().catch((error) => service.fail('could not start a consumer for new partitions', error));
  });
}
