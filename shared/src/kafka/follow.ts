/**
 * Following topics: what is committed on them, from a bounded number of messages before the end, and then on. It takes part in
 * nothing and commits nothing.
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
  /** Each topic is read up to its end before the next one is begun. */
  topics: TopicName[];
  /**
   * How many messages before the end to begin, over all partitions of a topic. Of a later topic at least as many are read in each
   * partition as of the topics before it: what becomes of a message stays in its partition.
   */
  last: number;
  /** Called in order per partition. Messages that cannot be read are left out: their reader parks them. */
  onMessage(message: FollowedMessage): void;
  /** Everything that was told is void, since the topics were deleted and made anew. */
  onRestart(): void;
  /** Whether a message of `ride_details` with this identity needs no further look, since the first one with it is there already. */
  knows?(identity: string): boolean;
}

export interface Follower {
  /** Has read everything that was there when it started. */
  caughtUp(): boolean;
  /** Whether Kafka still keeps the message at these coordinates. True where it has not been asked yet. */
  keeps(coordinates: Coordinates): boolean;
  /** True once it has passed these coordinates; false when that took longer than `timeout` milliseconds. */
  reached(coordinates: Coordinates, timeout: number): Promise<boolean>;
}

/** Begins to follow as soon as Kafka answers and the topics are there. Registers readiness ("caught up") and stop. */
export function follow(
  service: Service,
  { topics, last, onMessage, onRestart, knows }: FollowOptions,
): Follower {
  /** Next offset per partition. */
  const positions = new Map<string, number>();
  /** The first offset that Kafka still has, per partition. */
  const starts = new Map<string, number>();
  let caughtUp = false;
  let up = true;
  const waiting = new Set<() => void>();

  function moved(place: Partition, next: number) {
    positions.set(nameOf(place), next);
    for (const check of waiting) check();
  }

  /** Reads what was there before, and returns where to go on. */
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
    // A replayed request is its ride, by its identity. A replayed decision was seen when it was new.
    if (topic === 'ride_confirmed' && isForAnother(record, service.name)) return;
    if (topic === 'ride_details' && knows?.(header(record, 'ce_id') ?? '')) return;
    try {
      onMessage({
        topic,
        received: read(topic, partition, record, service.config.EMAIL_DOMAIN),
      } as FollowedMessage);
    } catch (error) {
      if (!(error instanceof Unprocessable)) service.log.error({ err: error }, 'could not take in a message');
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
      if (up && !state.up) service.log.warn({ reason: state.reason }, 'the topics cannot be followed now');
      if (!up && state.up) service.log.info('the topics are followed again');
      up = state.up;
      if (!state.restarted) return;
      service.log.warn({ topics }, 'the topics were deleted and made anew; what was on them is forgotten');
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
