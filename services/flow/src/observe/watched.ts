/** What a fetch says about a partition, as flow sees it: with its markers told apart, and offsets as numbers. */
import type { Fetched, FetchedRecord } from '@rideflow/shared/kafka/watch.ts';

export interface Watched extends Omit<Fetched, 'records' | 'next'> {
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
  /** Of its producer: how often the producer's transactional id was taken over. */
  epoch: number;
  /** A marker: ends its producer's transaction in this partition. */
  marker: 'commit' | 'abort' | null;
}

export const watched = ({ records, ...rest }: Fetched): Watched => ({
  ...rest,
  records: records.map(toWatched),
});

export const toWatched = ({
  offset,
  timestamp,
  key,
  value,
  headers,
  isControlRecord,
  batchContext,
}: FetchedRecord): WatchedRecord => ({
  offset: Number(offset),
  timestamp: Number(timestamp),
  key,
  value,
  headers,
  epoch: batchContext.producerEpoch,
  producer: batchContext.inTransaction || isControlRecord ? batchContext.producerId : null,
  // The second of its key's two numbers says which: 0 is an abort, 1 a commit.
  marker: isControlRecord ? (key?.readInt16BE(2) === 1 ? 'commit' : 'abort') : null,
});
