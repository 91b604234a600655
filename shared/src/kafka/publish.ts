/**
 * Publishes messages from outside Kafka, such as from HTTP requests, with bounded memory and time. Tells callers exactly
 * whether a message is stored, rejected, or unknown.
 */

import { Counter } from 'prom-client';
import { instant } from '../feed.ts';
import type { Coordinates } from '../reading.ts';
import type { Service } from '../service.ts';
import type { Topic } from '../topics.ts';
import { traceIdOf } from '../tracing/trace-context.ts';
import { Partitioners } from './client/kafkajs.ts';
import { ensureTopics } from './ensure-topics.ts';
import { followPartitions } from './observing/partitions.ts';
import { toRecord } from './writing/records.ts';
import { largestRecord, sizeOf } from './writing/size.ts';
import { Writer } from './writing/writer.ts';

/** Nothing was accepted. The caller can retry after `retryAfter` seconds. */
export class Unavailable extends Error {
  override name = 'Unavailable';
  readonly retryAfter: number;
  constructor(reason: string, retryAfter: number) {
    super(reason);
    this.retryAfter = retryAfter;
  }
}

/** Kafka did not answer in time: the message is still queued and may or may not be written. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
  /** Why Kafka rejects it for now, if Kafka says so. */
  readonly refusal: string | null;
  constructor(reason: string, refusal: string | null = null) {
    super(reason);
    this.refusal = refusal;
  }
}

/** Nothing was accepted, and the message never will be. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

const limits = {
  records: 10_000,
  bytes: 16 * 1024 * 1024,
  /**
   * If a flush takes longer than this, in milliseconds, Kafka is unavailable. New messages are then rejected at once instead
   * of queued.
   */
  stall: 1500,
  /**
   * If Kafka is slower than the requests, the queue grows. Messages that would wait longer than this, in milliseconds, are
   * rejected. Otherwise every message would exceed its deadline, and all work would be for callers that have already left.
   */
  delay: 2000,
  /** How long a caller waits for Kafka, in milliseconds. */
  deadline: 5000,
};

export interface Publisher {
  /**
   * Resolves with the message's coordinates when all replicas have it. `id` becomes its identity (`ce_id`).
   * @throws Unavailable when the queue is full or Kafka is unavailable: nothing was accepted
   * @throws TooLarge when it exceeds the limit of Kafka: nothing was accepted
   * @throws OutcomeUnknown when the deadline has passed: retry with the same id, which identifies duplicates
   */
  publish<T extends { id: string }>(
    topic: Topic<T>,
    message: T,
    options?: { traceparent?: string | undefined },
  ): Promise<Coordinates>;
}

/** Connects, creates missing topics, and registers readiness and stop. */
export async function createPublisher(service: Service): Promise<Publisher> {
  const partitions = await ensureTopics(service);
  // The murmur2 partitioner of the Java client and others, so a key is on the same partition whichever client writes it.
  const partitionOf = Partitioners.DefaultPartitioner();
  const metadataOf = (partitions: number) =>
    Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  let metadata = metadataOf(partitions);
  followPartitions(service, partitions, (count) => {
    service.log.warn(
      { partitions: count, before: metadata.length },
      'the number of partitions has changed: a new message may go to a different partition than earlier messages with ' +
        'the same key, and overtake those that still wait',
    );
    metadata = metadataOf(count);
  });

  const published = new Counter({
    name: 'rideflow_messages_published_total',
    help: 'Messages that Kafka has acknowledged in time',
    registers: [service.metrics],
  });
  const writer = new Writer(service);
  const everyMessage = service.log.isLevelEnabled('debug');
  let stopped = false;
  const whyStalled = () =>
    writer.waitingFor > limits.stall ? (writer.refusal ?? 'Kafka does not answer') : null;
  service.readyWhen(whyStalled);
  service.onStop('the publisher', () => {
    stopped = true;
    return writer.stop(1000); // callers already had time while the HTTP server stopped
  });
  await writer.start();

  return {
    async publish(topic, message, { traceparent } = {}) {
      if (stopped) throw new Unavailable('this process is stopping', 1);
      const stalled = whyStalled();
      if (stalled) throw new Unavailable(stalled, 2);
      if (writer.delay > limits.delay) throw new Unavailable('Kafka is too slow for the requests', 1);
      if (writer.queued >= limits.records || writer.queuedBytes >= limits.bytes)
        throw new Unavailable('too many messages are waiting for Kafka', 1);
      const since = service.feed.heard && instant();
      const key = topic.key(message);
      const partition = partitionOf({
        topic: topic.name,
        partitionMetadata: metadata as never,
        message: { key, value: null },
      });
      const sending = service.tracing?.send(topic.name, partition, key, message.id, traceparent);
      const record = toRecord(topic, partition, message, {
        source: service.name,
        id: message.id,
        traceparent,
        ownTraceparent: sending?.traceparent,
      });
      const size = sizeOf(record);
      if (size > largestRecord) {
        const error = new TooLarge(`the message has ${size} bytes, but the limit is ${largestRecord}`);
        sending?.failed(error);
        throw error;
      }
      const written = within(limits.deadline, writer.write(record, size), () => writer.refusal);
      if (sending) written.then(sending.stored, sending.failed);
      const offset = await written;
      published.inc();
      const stored = { topic: topic.name, partition, offset };
      const { id } = message;
      if (everyMessage) {
        const trace_id = traceIdOf(String(record.headers.traceparent));
        service.log.debug({ ...stored, ride: id, trace_id }, 'stored');
      }
      if (since) {
        service.feed.tell({
          what: 'accepted',
          ...stored,
          ride: id,
          identity: id,
          attempt: 1,
          at: instant(),
          since,
        });
      }
      return stored;
    },
  };
}

function within<T>(milliseconds: number, promise: Promise<T>, refusal: () => string | null): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new OutcomeUnknown(`Kafka did not answer within ${milliseconds} ms`, refusal())),
      milliseconds,
    );
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(new OutcomeUnknown(error.message));
      },
    );
  });
}
