/**
 * Reading without taking part: every partition of some topics, from a bounded number of messages before the end, and then
 * on. Nothing is committed, and the throw-away group that kafkajs needs for it is deleted at stop.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unprocessable } from '../errors.ts';
import type { RideConfirmed, RideDetails } from '../messages.ts';
import { type Coordinates, header, type RawRecord, type Received, read } from '../reading.ts';
import type { Service } from '../service.ts';
import type { TopicName } from '../topics.ts';
import { connect } from './client/connect.ts';
import type { Admin, KafkaMessage } from './client/kafkajs.ts';
import { memberSettings } from './consuming/membership.ts';
import { isForAnother } from './consuming/replay.ts';

export type FollowedMessage =
  | { topic: 'ride_details'; received: Received<RideDetails> }
  | { topic: 'ride_confirmed'; received: Received<RideConfirmed> };

interface FollowOptions {
  topics: TopicName[];
  /** How many offsets before the end to begin, over all partitions of a topic. */
  last: number;
  /** Called in order per partition. Messages that cannot be read are left out: their reader parks them. */
  onMessage(message: FollowedMessage): void;
  /** Whether a message of `ride_details` with this identity needs no further look, since the first one with it is there already. */
  knows?(identity: string): boolean;
}

export interface Follower {
  /** Has read everything that was there when it started. */
  caughtUp(): boolean;
  /** True once it has passed these coordinates; false when that took longer than `timeout` milliseconds. */
  reached(coordinates: Coordinates, timeout: number): Promise<boolean>;
}

/** Starts to follow; the topics must exist. Registers readiness ("caught up") and stop. */
export async function follow(
  service: Service,
  { topics, last, onMessage, knows }: FollowOptions,
): Promise<Follower> {
  const prefix = `${service.name}-follower-`;
  const groupId = prefix + randomUUID();
  const admin = connect(service, 'admin').admin();
  await admin.connect();
  await sweep(admin, prefix);

  /** Next offset per `topic/partition`; the place that any (re)assignment goes on from. */
  const positions = new Map<string, bigint>();
  const goals = new Map<string, bigint>();
  for (const topic of topics) {
    const ends = await admin.fetchTopicOffsets(topic);
    const share = BigInt(Math.ceil(last / ends.length));
    for (const { partition, high, low } of ends) {
      const [end, start] = [BigInt(high), BigInt(low)];
      positions.set(`${topic}/${partition}`, end - share > start ? end - share : start);
      goals.set(`${topic}/${partition}`, end);
    }
  }
  let caughtUp = false;
  const waiting = new Set<() => void>();
  const passed = (place: string, offset: bigint) => (positions.get(place) ?? 0n) > offset;
  function moved(place: string, next: bigint) {
    positions.set(place, next);
    lookUp();
  }
  function lookUp() {
    caughtUp ||= [...goals].every(([place, goal]) => passed(place, goal - 1n));
    for (const check of waiting) check();
  }

  const consumer = connect(service, 'consume').consumer({ groupId, ...memberSettings });
  consumer.on('consumer.group_join', ({ payload: { memberAssignment } }) => {
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      for (const partition of partitions) {
        consumer.seek({ topic, partition, offset: String(positions.get(`${topic}/${partition}`) ?? 0n) });
      }
    }
  });
  // Not in eachBatch: a fetch that holds nothing but transaction markers never gets there.
  consumer.on('consumer.end_batch_process', ({ payload }) =>
    moved(`${payload.topic}/${payload.partition}`, BigInt(payload.lastOffset) + 1n),
  );
  consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
    if (!restart) service.fail('the Kafka consumer stopped for good', error);
  });
  service.readyWhen(() => (caughtUp ? null : 'reading the latest rides'));
  service.onStop('the follower', async () => {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {}); // a group without members or offsets also goes by itself
    await admin.disconnect();
  });

  const tell = (topic: TopicName, partition: number, message: KafkaMessage) => {
    // A replayed request is its ride, by its identity. A replayed decision was seen when it was new.
    if (topic === 'ride_confirmed' && isForAnother(message as RawRecord, service.name)) return;
    if (topic === 'ride_details' && knows?.(header(message as RawRecord, 'ce_id') ?? '')) return;
    try {
      onMessage({
        topic,
        received: read(topic, partition, message as RawRecord, service.config.EMAIL_DOMAIN),
      } as FollowedMessage);
    } catch (error) {
      if (!(error instanceof Unprocessable)) service.log.error({ err: error }, 'could not take in a message');
    }
  };
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: async ({ batch }) => {
      const from = positions.get(`${batch.topic}/${batch.partition}`) ?? 0n;
      for (const message of batch.messages) {
        if (BigInt(message.offset) >= from) tell(batch.topic as TopicName, batch.partition, message);
      }
    },
  });
  lookUp(); // nothing to catch up with on empty topics

  return {
    caughtUp: () => caughtUp,
    reached({ topic, partition, offset }, timeout) {
      const place = `${topic}/${partition}`;
      return new Promise((resolve) => {
        const done = (result: boolean) => {
          waiting.delete(check);
          abort.abort();
          resolve(result);
        };
        const check = () => passed(place, BigInt(offset)) && done(true);
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

/** Deletes the groups of followers that were killed before they could do it themselves. */
async function sweep(admin: Admin, prefix: string): Promise<void> {
  try {
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
    if (ours.length === 0) return;
    const { groups: described } = await admin.describeGroups(ours);
    const empty = described
      .filter(({ state }) => state === 'Empty' || state === 'Dead')
      .map(({ groupId }) => groupId);
    if (empty.length > 0) await admin.deleteGroups(empty);
  } catch {
    // Another process was quicker, or may not list groups: they go by themselves in time.
  }
}
