/** Publishing from outside Kafka, such as from an HTTP request: bounded in memory and in time, and honest about what it knows. */

import { instant } from '../feed.ts';
import type { Coordinates } from '../reading.ts';
import type { Service } from '../service.ts';
import type { Topic } from '../topics.ts';
import { Partitioners } from './client/kafkajs.ts';
import { ensureTopics } from './ensure-topics.ts';
import { followPartitions } from './observing/partitions.ts';
import { toRecord } from './writing/records.ts';
import { largestRecord, sizeOf } from './writing/size.ts';
import { Writer } from './writing/writer.ts';

/** Nothing was accepted: the caller may try again after `retryAfter` seconds. */
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
  /** Why Kafka refuses it for now, where Kafka says so. */
  readonly refusal: string | null;
  constructor(reason: string, refusal: string | null = null) {
    super(reason);
    this.refusal = refusal;
  }
}

/** Nothing was accepted, and the same message never will be. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

const limits = {
  records: 10_000,
  bytes: 16 * 1024 * 1024,
  /** A flush that waits longer than this, in milliseconds, means that Kafka is away: refuse at once instead of queueing. */
  stall: 1500,
  /**
   * Where Kafka answers but is too slow for what comes, the queue grows: refuse what would wait for longer than this, in
   * milliseconds. Otherwise all would wait until past the deadline, and all work would be for callers that have gone.
   */
  delay: 2000,
  /** How long a caller waits for Kafka, in milliseconds. */
  deadline: 5000,
};

export interface Publisher {
  /**
   * Resolves with the message's coordinates when all replicas have it. `id` becomes its identity (`ce_id`).
   * @throws Unavailable when the queue is full or Kafka is away: nothing was accepted
   * @throws TooLarge when it is larger than Kafka takes: nothing was accepted
   * @throws OutcomeUnknown when the deadline passed: repeat under the same id, duplicates are removed by it
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
  // The Java client's murmur2, as all clients have it: a key is on the same partition whoever writes it.
  const partitionOf = Partitioners.DefaultPartitioner();
  const metadataOf = (partitions: number) =>
    Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  let metadata = metadataOf(partitions);
  followPartitions(service, partitions, (count) => {
    service.log.warn(
      { partitions: count, before: metadata.length },
      'the topics have another number of partitions now: a new message may go to another partition than those before it with ' +
        'the same key, and overtake those that still wait there',
    );
    metadata = metadataOf(count);
  });

  const writer = new Writer(service);
  let stopped = false;
  const whyStalled = () =>
    writer.waitingFor > limits.stall ? (writer.refusal ?? 'Kafka does not answer') : null;
  service.readyWhen(whyStalled);
  service.onStop('the publisher', () => {
    stopped = true;
    return writer.stop(1000); // whoever waits for an answer had some time already, while the HTTP server stopped
  });
  await writer.start();

  return {
    async publish(topic, message, { traceparent } = {}) {
      if (stopped) throw new Unavailable('this process is stopping', 1);
      const stalled = whyStalled();
      if (stalled) throw new Unavailable(stalled, 2);
      if (writer.delay > limits.delay) throw new Unavailable('Kafka does not keep up', 1);
      if (writer.queued >= limits.records || writer.queuedBytes >= limits.bytes)
        throw new Unavailable('too many messages wait for Kafka', 1);
      const since = service.feed.heard && instant();
      const key = topic.key(message);
      const partition = partitionOf({
        topic: topic.name,
        partitionMetadata: metadata as never,
        message: { key, value: null },
      });
      const record = toRecord(topic, partition, message, {
        source: service.name,
        id: message.id,
        traceparent,
      });
      const size = sizeOf(record);
      if (size > largestRecord)
        throw new TooLarge(`the message has ${size} bytes; at most ${largestRecord} are accepted`);
      const offset = await within(limits.deadline, writer.write(record, size), () => writer.refusal);
      const stored = { topic: topic.name, partition, offset };
      if (since) {
        const { id } = message;
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
