/**
 * Observes topics: reads every record of every partition as soon as it is on disk. Without a group, and without committing or
 * writing anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Client, connect } from './client/connect.ts';
import { type Cluster, clusterOf, type FetchedRecord } from './client/kafkajs-internals.ts';
import {
  type Bounds,
  boundsOf,
  type Fetched,
  fetchFrom,
  leadersOf,
  type Partition,
} from './observing/fetch-without-group.ts';
import { type ReadStretch, readStretch } from './observing/read-back.ts';

export type { FetchedRecord } from './client/kafkajs-internals.ts';
export type { Bounds, Fetched } from './observing/fetch-without-group.ts';

export interface WatchOptions {
  topics: string[];
  /**
   * `uncommitted`: also records of open and aborted transactions, and transaction markers. `committed`: what a read-committed
   * reader sees.
   */
  isolation: 'committed' | 'uncommitted';
  /**
   * Chooses the start offset of these partitions: first of all partitions, later of added ones. `read` reads the records
   * before it. Called again when that fails.
   */
  begin(partitions: Bounds[], read: ReadStretch): number[] | Promise<number[]>;
  /**
   * Called in the order of each partition, also without records. Keys and values are slices of a fetch: copy them to keep
   * them.
   */
  onRecords(fetched: Fetched): void;
  /**
   * Called when the topics can be read again, or no longer. `refused`: Kafka answers, but with an error, as while a partition
   * moves. `restarted`: the topics were recreated, and everything known about them is void.
   */
  onState(state: WatchState): void;
}

export interface WatchState {
  up: boolean;
  brokers: number;
  refused: boolean;
  restarted: boolean;
  reason: string | null;
}

/** How long the broker waits for new records, in milliseconds. */
const maxWait = 1000;
/** Small: what one answer holds is garbage a moment later, and decides how much memory the reader takes. */
const maxBytes = 65_536;
/** How often to check for new partitions and new leaders, in milliseconds. */
const lookEvery = 10_000;
/** Waits before Kafka is retried, in milliseconds. */
const firstWait = 100;
const longestWait = 1000;

interface Position extends Partition {
  next: number;
  /** The newest message that was read. If a different message is there later, the topic was recreated. */
  newest: Pick<FetchedRecord, 'offset' | 'timestamp'> | null;
}

/** Starts as soon as Kafka answers and the topics exist. Never gives up. */
export function watch(client: Client, options: WatchOptions): { stop(): void } {
  const { topics, isolation, onRecords, onState } = options;
  const positions = new Map<string, Position>();
  const stopping = new AbortController();
  const { signal: stopped } = stopping;
  /** Kafka does not have the requested offset. */
  let outOfRange = false;

  /** Runs until the first error. */
  async function follow(cluster: Cluster): Promise<void> {
    await cluster.connect();
    await cluster.addMultipleTargetTopics(topics);
    while (!stopped.aborted) {
      const leaders = leadersOf(cluster, topics);
      await begin(cluster);
      await fetchUntilMoved(cluster, leaders);
    }
  }

  async function begin(cluster: Cluster): Promise<void> {
    const bounds = await boundsOf(cluster, topics);
    const read: ReadStretch = (stretch, onRecord) => readStretch(cluster, stretch, onRecord);
    const restarted = await areNew(bounds, read);
    if (restarted) positions.clear();
    outOfRange = false;
    const brokers = cluster.brokerPool.metadata?.brokers.length ?? 0;
    onState({ up: true, brokers, refused: false, restarted, reason: null });
    for (const { start, ...place } of bounds) {
      const position = positions.get(nameOf(place));
      if (position) position.next = Math.max(position.next, start); // retention has deleted them meanwhile
    }
    const added = bounds.filter((place) => !positions.has(nameOf(place)));
    const offsets = await options.begin(added, read);
    for (const [index, { topic, partition, end }] of added.entries())
      positions.set(nameOf({ topic, partition }), {
        topic,
        partition,
        next: offsets[index] ?? end,
        newest: null,
      });
  }

  /** Whether the topics were recreated: they end before our position, or have a different message there. */
  async function areNew(bounds: Bounds[], read: ReadStretch): Promise<boolean> {
    const known = bounds.flatMap((place) => positions.get(nameOf(place)) ?? []);
    if (outOfRange && bounds.some((place) => (positions.get(nameOf(place))?.next ?? 0) > place.end))
      return true;
    for (const topic of topics) {
      const { partition = 0, newest = null } = known.find((one) => one.topic === topic && one.newest) ?? {};
      if (!newest) continue;
      const { start = 0, end = 0 } =
        bounds.find((one) => one.topic === topic && one.partition === partition) ?? {};
      const from = Number(newest.offset);
      let other = false;
      if (from >= start && from < end)
        await read({ topic, partition, from, to: from + 1 }, ({ timestamp }) => {
          other = timestamp !== newest.timestamp;
        });
      if (other) return true;
    }
    return false;
  }

  /** Runs until a partition has a new leader, or partitions are added. */
  async function fetchUntilMoved(cluster: Cluster, leaders: Map<number, Partition[]>): Promise<void> {
    let [over, lookedAt] = [false, Date.now()];
    const follows = [...leaders].map(async ([nodeId, partitions]) => {
      try {
        while (!stopped.aborted && !over) {
          await fetchOnce(cluster, nodeId, partitions);
          if (Date.now() - lookedAt < lookEvery) continue;
          lookedAt = Date.now();
          await cluster.refreshMetadata();
          over ||= !isDeepStrictEqual(leadersOf(cluster, topics), leaders);
        }
      } finally {
        over = true;
      }
    });
    await Promise.all(follows);
  }

  async function fetchOnce(cluster: Cluster, nodeId: number, partitions: Partition[]): Promise<void> {
    const from = partitions.flatMap((place) => positions.get(nameOf(place)) ?? []);
    const answers = await fetchFrom(cluster, nodeId, from, { maxWait, maxBytes });
    if (stopped.aborted) return;
    for (const answer of answers) {
      const position = positions.get(nameOf(answer));
      const newest = answer.records.at(-1);
      if (position) position.next = answer.next;
      if (position && newest) position.newest = { offset: newest.offset, timestamp: newest.timestamp };
      onRecords(answer);
    }
  }

  async function run() {
    for (let wait = firstWait; !stopped.aborted; ) {
      const cluster = clusterOf(connect(client, 'admin'), isolation);
      const disconnect = () => void cluster.disconnect().catch(() => {});
      stopped.addEventListener('abort', disconnect, { once: true });
      const start = Date.now();
      await follow(cluster).catch((error: Error & { type?: string }) => {
        outOfRange ||= error.type === 'OFFSET_OUT_OF_RANGE';
        const refused = error.type !== undefined; // only errors that a broker answered with have a type
        if (!stopped.aborted)
          onState({ up: false, brokers: 0, refused, restarted: false, reason: error.message });
      });
      stopped.removeEventListener('abort', disconnect);
      await cluster.disconnect().catch(() => {});
      wait = Date.now() - start > longestWait ? firstWait : Math.min(wait * 2, longestWait);
      await sleep(wait, null, { signal: stopped }).catch(() => {});
    }
  }

  void run();
  return { stop: () => stopping.abort() }; // nothing is written, so there is nothing to wait for
}

const nameOf = ({ topic, partition }: Partition) => `${topic}/${partition}`;
