/**
 * Watching topics as nobody: every record of every partition as soon as it is on disk, those of open and aborted transactions
 * and the markers that end transactions too. No group, nothing committed, nothing written.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Cluster,
  clusterOf,
  type FetchedPartition,
  type FetchedRecord,
  isolation,
} from './client/cluster.ts';
import { type Client, connect } from './client/connect.ts';

/** What one answer of Kafka says about one partition. Offsets are numbers: they stay below 2^53. */
export interface Watched {
  topic: string;
  partition: number;
  /** The first offset that Kafka still has. */
  start: number;
  /** The next offset that will be written. */
  end: number;
  /** Where a read-committed reader has to stop: the start of the oldest open transaction, else `end`. */
  stable: number;
  records: WatchedRecord[];
}

export interface WatchedRecord {
  offset: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: FetchedRecord['headers'];
  /** Whose transaction it belongs to; null where it was written without one. A producer has one open transaction per partition. */
  producer: string | null;
  /** A marker: ends its producer's transaction in this partition. */
  marker: 'commit' | 'abort' | null;
}

export interface WatchOptions {
  topics: string[];
  /** How many offsets before the end to begin, per partition. */
  last(topic: string): number;
  /** Called in order per partition. Slices of a fetch: who keeps keys or values copies them. */
  onRecords(watched: Watched): void;
  /** Kafka answers again, or does not. `restarted`: the topics are new ones, and everything known of them is void. */
  onState(state: { up: boolean; brokers: number; restarted: boolean; reason: string | null }): void;
}

/** How long a fetch waits at the broker for something new, in milliseconds. */
const maxWait = 1000;
const maxBytesPerPartition = 262_144;
/** Waits before Kafka is tried again, in milliseconds. */
const firstWait = 100;
const longestWait = 1000;

/** Begins to watch as soon as Kafka answers and the topics are there; never gives up. */
export function watch(client: Client, options: WatchOptions): { stop(): Promise<void> } {
  const { topics, last, onRecords, onState } = options;
  /** Next offset per topic and partition. */
  const positions = new Map<string, Map<number, number>>();
  const stopping = new AbortController();
  const { signal: stopped } = stopping;

  /** Until the first error, whatever it is. */
  async function follow(cluster: Cluster): Promise<void> {
    await cluster.connect();
    await cluster.addMultipleTargetTopics(topics);
    const leaders = leadersOf(cluster, topics);
    const restarted = await begin(cluster);
    const brokers = cluster.brokerPool.metadata?.brokers.length ?? 0;
    onState({ up: true, brokers, restarted, reason: null });
    let failed = false;
    const follows = [...leaders].map(async ([nodeId, places]) => {
      try {
        while (!stopped.aborted && !failed) await fetchFrom(cluster, nodeId, places);
      } finally {
        failed = true;
      }
    });
    await Promise.all(follows);
  }

  /** Where to begin, for what is new. True: a topic ends before the place where we are, so it is another topic of that name. */
  async function begin(cluster: Cluster): Promise<boolean> {
    const partitionsOf = (topic: string) =>
      cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
    const ask = (fromBeginning: boolean) =>
      cluster.fetchTopicsOffset(
        topics.map((topic) => ({ topic, fromBeginning, partitions: partitionsOf(topic) })),
      );
    const [starts, ends] = [offsetsOf(await ask(true)), offsetsOf(await ask(false))];
    const restarted = [...positions].some(([topic, partitions]) =>
      [...partitions].some(([partition, next]) => next > (ends.get(topic)?.get(partition) ?? 0)),
    );
    if (restarted) positions.clear();
    for (const [topic, partitions] of ends) {
      const known = positions.get(topic) ?? new Map<number, number>();
      positions.set(topic, known);
      for (const [partition, end] of partitions) {
        const start = starts.get(topic)?.get(partition) ?? 0;
        known.set(partition, Math.max(start, known.get(partition) ?? end - last(topic)));
      }
    }
    return restarted;
  }

  async function fetchFrom(cluster: Cluster, nodeId: number, places: Map<string, number[]>) {
    const broker = await cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      isolationLevel: isolation.readUncommitted,
      maxWaitTime: maxWait,
      maxBytes: 4 * maxBytesPerPartition,
      topics: [...places].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map((partition) => ({
          partition,
          fetchOffset: String(positions.get(topic)?.get(partition)),
          maxBytes: maxBytesPerPartition,
        })),
      })),
    });
    if (stopped.aborted) return;
    for (const { topicName, partitions } of responses)
      for (const answer of partitions) take(topicName, answer);
  }

  function take(topic: string, { partition, messages, ...answer }: FetchedPartition) {
    const next = positions.get(topic)?.get(partition) ?? 0;
    // A fetch answers with whole batches, so with records before the place that was asked for.
    const records = messages.map(watched).filter(({ offset }) => offset >= next);
    const newest = records.at(-1);
    if (newest) positions.get(topic)?.set(partition, newest.offset + 1);
    onRecords({
      topic,
      partition,
      start: Number(answer.lastStartOffset),
      end: Number(answer.highWatermark),
      stable: Number(answer.lastStableOffset),
      records,
    });
  }

  async function run() {
    for (let wait = firstWait; !stopped.aborted; ) {
      const cluster = clusterOf(connect(client, 'admin'));
      const disconnect = () => void cluster.disconnect().catch(() => {});
      stopped.addEventListener('abort', disconnect, { once: true });
      const start = Date.now();
      await follow(cluster).catch((error: Error) => {
        if (!stopped.aborted) onState({ up: false, brokers: 0, restarted: false, reason: error.message });
      });
      stopped.removeEventListener('abort', disconnect);
      await cluster.disconnect().catch(() => {});
      wait = Date.now() - start > longestWait ? firstWait : Math.min(wait * 2, longestWait);
      await sleep(wait, null, { signal: stopped }).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Which partitions each broker leads. @throws Error when one has no leader or a topic is not there */
function leadersOf(cluster: Cluster, topics: string[]) {
  const leaders = new Map<number, Map<string, number[]>>();
  for (const topic of topics) {
    const partitions = cluster.findTopicPartitionMetadata(topic);
    if (partitions.length === 0) throw new Error(`${topic} is not there`);
    for (const { partitionId, leader } of partitions) {
      if (leader < 0) throw new Error(`${topic}/${partitionId} has no leader`);
      const places = leaders.get(leader) ?? new Map<string, number[]>();
      leaders.set(leader, places.set(topic, [...(places.get(topic) ?? []), partitionId]));
    }
  }
  return leaders;
}

const offsetsOf = (answer: Awaited<ReturnType<Cluster['fetchTopicsOffset']>>) =>
  new Map(
    answer.map(({ topic, partitions }) => [
      topic,
      new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)])),
    ]),
  );

function watched({
  offset,
  timestamp,
  key,
  value,
  headers,
  isControlRecord,
  batchContext,
}: FetchedRecord): WatchedRecord {
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    key,
    value,
    headers,
    producer: batchContext.inTransaction || isControlRecord ? batchContext.producerId : null,
    // The second of its key's two numbers says which: 0 is an abort, 1 a commit.
    marker: isControlRecord ? (key?.readInt16BE(2) === 1 ? 'commit' : 'abort') : null,
  };
}
