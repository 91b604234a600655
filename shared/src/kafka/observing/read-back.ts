/** Reads a range of one partition again without a group, usually read-committed. */

import { Once } from '../../once.ts';
import type { Kafka } from '../client/kafkajs.ts';
import { type Cluster, clusterOf, type FetchedRecord, type Isolation } from '../client/kafkajs-internals.ts';
import { limited } from '../consuming/limit-concurrency.ts';
import { fetchFrom, type Partition } from './fetch-without-group.ts';

export interface Stretch extends Partition {
  from: number | bigint;
  /** The offset after the last one; `Infinity` means the current end of the log. */
  to: number | bigint;
}

/** Calls back for each record of a range. */
export type ReadStretch = (stretch: Stretch, onRecord: (record: FetchedRecord) => void) => Promise<void>;

/**
 * Reads over its own connection.
 * @throws errors of kafkajs when the partition leader cannot be read; records read until then were called back
 */
export function readBack(kafka: Kafka, stretch: Stretch, onRecord: (record: FetchedRecord) => void) {
  return readingBack(kafka)(stretch, onRecord);
}

/**
 * Reads many ranges in sequence over one connection, which is opened for the first one and closed when none waits. Throws like
 * `readBack`.
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
      await close().catch(() => {}); // the next one opens a new connection
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

/** Reads over the connections of a cluster that has the topic in its metadata. */
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
    next = answer?.next ?? next; // no data within the wait: the end exists, so the data will arrive
    if (to === Infinity && next >= (answer?.end ?? 0)) return;
  }
}
