/**
 * A consumer whose position the log does not have: kafkajs goes to the first offset that there is, commits -1 and says it in a line
 * that nobody sees. Whoever registers for a member decides instead where the partition goes on.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRebalance, offsetOf } from '../offsets.ts';

/** A position outside of the log. Offsets are decimals. */
export interface OutOfRange {
  topic: string;
  partition: number;
  /** Where the consumer stood. */
  position: string;
  /** The first offset that the log has. */
  start: string;
  /** The end of what a read-committed reader may read. */
  end: string;
}

/** Where the partition goes on, and whether that has to be committed. @throws Error for "ask again in a moment" */
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

/** Before the same is asked again, in milliseconds. */
const pause = 500;

const members = new Map<string, GoOn>();

/** From now on `goOn` decides for this member of a group, until the returned function is called. */
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
  // A follower may be behind: kafkajs asks the leader then.
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
    if (BigInt(position) >= BigInt(start) && BigInt(position) <= BigInt(end)) return await sleep(pause); // it was, a moment ago
    const { offset, commit } = await goOn({ topic, partition, position, start, end });
    if (commit) await this.offsetManager.commitOffsets(offsetOf(topic, partition, offset));
    this.offsetManager.resolveOffset({ topic, partition, offset: String(BigInt(offset) - 1n) });
  } catch (problem) {
    if (isRebalance(problem)) throw problem;
    await sleep(pause);
  }
};
