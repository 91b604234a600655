/** Reads a stretch of one partition again, without a group, mostly as a read-committed reader sees it. */

import { Once } from '../../once.ts';
import type { Kafka } from '../client/kafkajs.ts';
import { type Cluster, clusterOf, type FetchedRecord, type Isolation } from '../client/kafkajs-internals.ts';
import { limited } from '../consuming/limit-concurrency.ts';
import { fetchFrom, type Partition } from './fetch-without-group.ts';

export interface Stretch extends Partition {
  from: number | bigint;
  /** Behind the last offset; `Infinity` is where the log ends when it is read. */
  to: number | bigint;
}

/** Calls back for each record of a stretch. */
export type ReadStretch = (stretch: Stretch, onRecord: (record: FetchedRecord) => void) => Promise<void>;

/**
 * Reads over a connection of its own.
 * @throws whatever kafkajs throws when the partition's leader cannot be read; what was read until then was called back
 */
export function readBack(kafka: Kafka, stretch: Stretch, onRecord: (record: FetchedRecord) => void) {
  return readingBack(kafka)(stretch, onRecord);
}

/**
 * Reads many stretches, one after the other, over one connection: it is made for the first of them, and closed when none waits any more.
 * What is read throws as `readBack` does.
 */
export function readingBack(kafka: Kafka, isolation: Isolation = 'committed'): ReadStretch {
  const connection = new Once(async () => {
    const cluster = clusterOf(kafka, isolation);
    await cluster.connect();
    return cluster;
  });
  const close = async () => (await connection.take())?.disconnect();
  let wanted = 0;
  const oneByOne = limited(1, async (stretch: Stretch, onRecord: (record: FetchedRecord) => void) => {
    try {
      const cluster = await connection.get();
      await cluster.addMultipleTargetTopics([stretch.topic]);
      await readStretch(cluster, stretch, onRecord);
    } catch (error) {
      await close().catch(() => {}); // the next one makes a new connection
      throw error;
    }
  });
  return async (stretch, onRecord) => {
    if (stretch.from >= stretch.to) return;
    wanted++;
    try {
      await oneByOne(stretch, onRecord);
    } finally {
      wanted--;
      if (wanted === 0) await close();
    }
  };
}

/** The same over the connections of a cluster that has the topic in its metadata. */
export async function readStretch(
  cluster: Cluster,
  { topic, partition, from, to }: Stretch,
  onRecord: (record: FetchedRecord) => void,
): Promise<void> {
  for (let next = Number(from); next < Number(to); ) {
    const found = cluster.findTopicPartitionMetadata(topic).find((one) => one.partitionId === partition);
    if (!found) throw new Error(`${topic}/${partition} has no leader`);
    const limits = { maxWait: to === Infinity ? 0 : 500, maxBytes: 1_048_576 };
    const [answer] = await fetchFrom(cluster, found.leader, [{ topic, partition, next }], limits);
    for (const record of answer?.records ?? []) if (Number(record.offset) < Number(to)) onRecord(record);
    next = answer?.next ?? next; // nothing within the wait: the end is there, so it will come
    if (to === Infinity && next >= (answer?.end ?? 0)) return;
  }
}
