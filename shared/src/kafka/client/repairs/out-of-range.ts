/**
 * If the position of a consumer is outside the log, kafkajs silently continues at the first offset and commits -1. Here a
 * registered callback of the member decides where the partition continues.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRebalance, offsetOf } from '../offsets.ts';

/** A position outside the log. Offsets are decimal strings. */
export interface OutOfRange {
  topic: string;
  partition: number;
  /** The position of the consumer. */
  position: string;
  /** The first offset of the log. */
  start: string;
  /** The last stable offset: the end for a read-committed reader. */
  end: string;
}

/** Where the partition continues, and whether to commit that offset. @throws Error to ask again in a moment */
export type GoOn = (place: OutOfRange) => Promise<{ offset: string; commit: boolean }>;

interface ConsumerGroup {
  memberId: string;
  preferredReadReplicasPerTopicPartition: Record<string, Record<number, unknown> | undefined>;
  cluster: {
    fetchTopicsOffset(
      topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
    ): Promise<{ partitions: { offset: string }[] }[]>;
  };
  offsetManager: {
    nextOffset(topic: string, partition: number): object;
    resolveOffset(place: { topic: string; partition: number; offset: string }): void;
    commitOffsets(offsets: ReturnType<typeof offsetOf>): Promise<void>;
  };
  recoverFromOffsetOutOfRange(error: { topic: string; partition: number }): Promise<void>;
}

/** Wait before the same question is asked again, in milliseconds. */
const pause = 500;

const members = new Map<string, GoOn>();

/** Lets `goOn` decide for this member of a group, until the returned function is called. */
export function onOutOfRange(memberId: string, goOn: GoOn): () => void {
  members.set(memberId, goOn);
  return () => void members.delete(memberId);
}

const require = createRequire(import.meta.url);
const { prototype: group } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
const recoverAsKafkajs = group.recoverFromOffsetOutOfRange;
group.recoverFromOffsetOutOfRange = async function (this: ConsumerGroup, error) {
  const { topic, partition } = error;
  const goOn = members.get(this.memberId);
  // A follower may be out of date, so kafkajs asks the leader.
  const byFollower = typeof this.preferredReadReplicasPerTopicPartition[topic]?.[partition] === 'number';
  if (!goOn || byFollower) return recoverAsKafkajs.call(this, error);
  const ask = async (fromBeginning: boolean) => {
    const [answer] = await this.cluster.fetchTopicsOffset([
      { topic, fromBeginning, partitions: [{ partition }] },
    ]);
    return answer?.partitions[0]?.offset ?? '0';
  };
  try {
    const position = String(this.offsetManager.nextOffset(topic, partition));
    const [start, end] = await Promise.all([ask(true), ask(false)]);
    if (BigInt(position) >= BigInt(start) && BigInt(position) <= BigInt(end)) return await sleep(pause); // it was out of range a moment ago
    const { offset, commit } = await goOn({ topic, partition, position, start, end });
    if (commit) await this.offsetManager.commitOffsets(offsetOf(topic, partition, offset));
    this.offsetManager.resolveOffset({ topic, partition, offset: String(BigInt(offset) - 1n) });
  } catch (problem) {
    if (isRebalance(problem)) throw problem;
    await sleep(pause);
  }
};
