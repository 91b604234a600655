/** One Kafka consumer of a service's group: it joins, takes the partitions that it is assigned, and works through their batches. */
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

/** Partitions that come while this consumer runs are worked on side by side with the others up to this number; more take turns. */
const room = 24;

/** How long a stop waits, in milliseconds. A mail under way may take two seconds (services/email/src/main.ts). */
const patience = { batch: 2600, guarantee: 500 };

interface ReaderOptions {
  guarantee: Guarantee;
  handle: HandleRecord;
  /** What all readers of this process have handled ahead of their offsets. */
  ahead: Ahead;
  /** How many keys of one partition may be in hand at once. */
  keysInHand: () => number;
  partitions: number;
  /** Takes how to stop this one. */
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
    maxBytesPerPartition: 524_288, // a larger batch comes alone; with twice as much, memory grows by 15 MB under a backlog
  });
  const goOn = goOnWhereTheLogIs(service, assigned);
  let leave = () => {};
  const joined = followMembership(service, consumer, topic, (partitions, memberId) => {
    leave();
    leave = onOutOfRange(memberId, goOn);
    for (const partition of assigned.values()) partition.close();
    assigned.clear();
    waiting.keepOnly(partitions);
    for (const partition of partitions) assigned.set(partition, guarantee.assign(consumer, topic, partition));
  });

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    const inner = assigned.get(partition);
    if (!inner) return;
    const hand = new BatchInHand(payload, {
      isAssigned: () => assigned.get(partition) === inner,
      seek: (offset) => consumer.seek({ topic, partition, offset }),
    });
    try {
      await workThrough(hand, new TaughtPartition(inner, hand, pace));
    } finally {
      hand.done();
    }
  }

  stops.push(async () => {
    waiting.stop();
    // Lets the batch in hand come to its end, and leaves the group. Without Kafka neither happens; what is not committed then is
    // handled after the next start.
    await atMost(patience.batch, consumer.disconnect());
    leave();
    await atMost(patience.guarantee, guarantee.stop());
  });
  await consumer.connect();
  // fromBeginning: otherwise what was written before a new group's first commit would be skipped.
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: Math.max(partitions, room),
    eachBatch,
  });
  await joined;
}
