/** One Kafka consumer of a service's group: it joins, gets its partition assignment, and works through the batches. */
import { atMost } from '../../at-most.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { EachBatchPayload } from '../client/kafkajs.ts';
import { onOutOfRange } from '../client/repairs/out-of-range.ts';
import { deadLetterKeeper } from '../ensure-topics.ts';
import type { AssignedPartition, Guarantee } from '../guarantees/guarantee.ts';
import { BatchInHand } from './batch-in-hand.ts';
import { createHandler, type HandleRecord } from './handle-message.ts';
import type { Ahead } from './handled-ahead.ts';
import { followMembership, memberSettings } from './membership.ts';
import { goOnWhereTheLogIs } from './missing-offset.ts';
import { createLoop } from './partition-loop.ts';
import { createReport } from './report.ts';
import { Waiting } from './retry-later.ts';
import { TaughtPartition } from './teaching.ts';

/** The most partitions that are handled concurrently, including partitions that are added later. More of them take turns. */
const room = 24;

/** How long a stop waits, in milliseconds. A mail in progress may take two seconds (services/email/src/main.ts). */
const patience = { batch: 2600, guarantee: 500 };

interface ReaderOptions {
  guarantee: Guarantee;
  handle: HandleRecord;
  /** The messages that all readers of this process have handled ahead of their offsets. */
  ahead: Ahead;
  /** The most keys of one partition in progress at once. */
  keysInHand: () => number;
  partitions: number;
  /** Receives the function that stops this reader. */
  stops: (() => Promise<void>)[];
}

/** Starts one consumer; resolves when it has joined the group for the first time. */
export async function startReader(
  service: Service<ReaderName>,
  { guarantee, handle, ahead, keysInHand, partitions, stops }: ReaderOptions,
): Promise<void> {
  const { name, pace } = service;
  const topic = topology[name].reads;
  const report = createReport(service);
  const waiting = new Waiting(report);
  const handleMessage = createHandler(service, report, handle, guarantee.givesUp);
  const workThrough = createLoop({
    guarantee,
    handle: handleMessage,
    report,
    ahead,
    waiting,
    pace,
    keysInHand,
    restoreDeadLetters: deadLetterKeeper(service),
  });

  const assigned = new Map<number, AssignedPartition>();
  const consumer = connect(service, 'consume').consumer({
    groupId: name,
    ...memberSettings,
    // A larger batch is fetched alone. With twice as much, most messages of a backlog outlive two collections, and V8 promotes
    // them to the old generation.
    maxBytesPerPartition: 262_144,
  });
  const goOn = goOnWhereTheLogIs(service, assigned);
  let leave = () => {};
  const joined = followMembership(service, consumer, topic, (partitions, member) => {
    leave();
    leave = onOutOfRange(member.memberId, goOn);
    for (const partition of assigned.values()) partition.close();
    assigned.clear();
    waiting.keepOnly(partitions);
    for (const partition of partitions)
      assigned.set(partition, guarantee.assign(consumer, topic, partition, member));
  });

  // With several brokers, fetches overlap, and this is the newest one.
  const fetched = { from: Date.now(), to: Date.now() };
  if (service.tracing)
    consumer.on('consumer.fetch', ({ timestamp, payload }) => {
      Object.assign(fetched, { from: timestamp - payload.duration, to: timestamp });
    });

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    const inner = assigned.get(partition);
    if (!inner) return;
    const owner = {
      isAssigned: () => assigned.get(partition) === inner,
      seek: (offset: string) => consumer.seek({ topic, partition, offset }),
    };
    const hand = new BatchInHand(payload, owner, service.tracing?.batch(payload.batch, fetched));
    try {
      await workThrough(hand, new TaughtPartition(inner, hand, pace));
    } finally {
      hand.done();
    }
  }

  stops.push(async () => {
    waiting.stop();
    // Lets the current batch finish and leaves the group. Without Kafka neither is possible; uncommitted messages are then
    // handled after the next start.
    await atMost(patience.batch, consumer.disconnect());
    leave();
    await atMost(patience.guarantee, guarantee.stop());
  });
  await consumer.connect();
  // fromBeginning: otherwise messages from before the first commit of a new group would be skipped.
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: Math.max(partitions, room),
    eachBatch,
  });
  await joined;
}
