/**
 * Follows topics: reads committed messages from a bounded number of messages before the end, and continues. It has no consumer
 * group and commits nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Unprocessable } from '../errors.ts';
import type { RideConfirmed, RideDetails } from '../messages.ts';
import { type Coordinates, header, type RawRecord, type Received, read } from '../reading.ts';
import type { Service } from '../service.ts';
import type { TopicName } from '../topics.ts';
import { isForAnother } from './consuming/replay-headers.ts';
import type { Bounds, Partition } from './observing/fetch-without-group.ts';
import { type Beginning, newest } from './observing/newest.ts';
import type { ReadStretch } from './observing/read-back.ts';
import { watch } from './watch.ts';

export type FollowedMessage =
  | { topic: 'ride_details'; received: Received<RideDetails> }
  | { topic: 'ride_confirmed'; received: Received<RideConfirmed> };

interface FollowOptions {
  /** Each topic is read up to its end before the next one starts. */
  topics: TopicName[];
  /**
   * The number of messages before the end to start with, over all partitions of a topic. For a later topic, each partition
   * reads at least as many as for the topics before it, because the outcome of a message is in the same partition.
   */
  last: number;
  /** Called in the order of each partition. Skips unreadable messages; their reader parks them. */
  onMessage(message: FollowedMessage): void;
  /** Called when all earlier messages are void, because the topics were deleted and recreated. */
  onRestart(): void;
  /** Whether to skip a message of `ride_details` with this identity, because it repeats an earlier one. */
  knows?(identity: string): boolean;
}

export interface Follower {
  /** True once it has read everything that existed at its start. */
  caughtUp(): boolean;
  /** Whether Kafka still keeps the message at these coordinates. True until Kafka was asked. */
  keeps(coordinates: Coordinates): boolean;
  /** Resolves with true once it has passed these coordinates, or with false after `timeout` milliseconds. */
  reached(coordinates: Coordinates, timeout: number): Promise<boolean>;
}

/** Starts as soon as Kafka answers and the topics exist. Registers readiness ("caught up") and stop. */
export function follow(
  service: Service,
  { topics, last, onMessage, onRestart, knows }: FollowOptions,
): Follower {
  /** Next offset per partition. */
  const positions = new Map<string, number>();
  /** The first offset that Kafka still keeps, per partition. */
  const starts = new Map<string, number>();
  let caughtUp = false;
  let up = true;
  const waiting = new Set<() => void>();

  function moved(place: Partition, next: number) {
    positions.set(nameOf(place), next);
    for (const check of waiting) check();
  }

  /** Reads the existing messages, and returns where to continue. */
  async function begin(partitions: Bounds[], readStretch: ReadStretch): Promise<number[]> {
    for (const place of partitions) starts.set(nameOf(place), place.start);
    const before = new Map<number, number>();
    for (const topic of topics) {
      const places = partitions.filter((place) => place.topic === topic);
      const beginnings: Beginning[] = await newest(last, places, readStretch, (p) => before.get(p) ?? 0);
      for (const { partition, from, end: to, messages } of beginnings) {
        before.set(partition, messages);
        await readStretch({ topic, partition, from, to }, (record) => tell(topic, partition, record));
      }
    }
    for (const place of partitions) moved(place, place.end);
    caughtUp = true;
    return partitions.map(({ end }) => end);
  }

  function tell(topic: TopicName, partition: number, record: RawRecord) {
    // A replayed request has the identity of its ride. A replayed decision was already seen.
    if (topic === 'ride_confirmed' && isForAnother(record, service.name)) return;
    if (topic === 'ride_details' && knows?.(header(record, 'ce_id') ?? '')) return;
    try {
      onMessage({
        topic,
        received: read(topic, partition, record, service.config.EMAIL_DOMAIN),
      } as FollowedMessage);
    } catch (error) {
      if (!(error instanceof Unprocessable)) service.log.error({ err: error }, 'could not process a message');
    }
  }

  const watching = watch(service, {
    topics,
    isolation: 'committed',
    begin,
    onRecords({ topic, partition, start, records, next }) {
      starts.set(nameOf({ topic, partition }), start);
      for (const record of records) tell(topic as TopicName, partition, record as RawRecord);
      moved({ topic, partition }, next);
    },
    onState(state) {
      if (up && !state.up) service.log.warn({ reason: state.reason }, 'cannot read the topics; retrying');
      if (!up && state.up) service.log.info('reading the topics again');
      up = state.up;
      if (!state.restarted) return;
      service.log.warn({ topics }, 'the topics were deleted and recreated; the old messages are forgotten');
      onRestart();
    },
  });
  service.readyWhen(() => (caughtUp ? null : 'reading the latest rides'));
  service.onStop('the follower', () => watching.stop());

  return {
    caughtUp: () => caughtUp,
    keeps: (coordinates) => Number(coordinates.offset) >= (starts.get(nameOf(coordinates)) ?? 0),
    reached(coordinates, timeout) {
      return new Promise((resolve) => {
        const done = (result: boolean) => {
          waiting.delete(check);
          abort.abort();
          resolve(result);
        };
        const offset = Number(coordinates.offset);
        const check = () => (positions.get(nameOf(coordinates)) ?? 0) > offset && done(true);
        const abort = new AbortController();
        waiting.add(check);
        sleep(timeout, null, { signal: abort.signal }).then(
          () => done(false),
          () => {},
        );
        check();
      });
    },
  };
}

const nameOf = ({ topic, partition }: Partition) => `${topic}/${partition}`;
