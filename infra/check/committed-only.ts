import type { Fetched, Record } from './cluster.ts';

/**
 * The records of a read-committed fetch, without aborted transactions and transaction markers. The filter in kafkajs lets some
 * through: it assumes that the list of aborted transactions is sorted by first offset, and it takes a record whose key is four
 * zero bytes for an abort marker.
 */
export function* committedOnly(records: Record[], aborted: NonNullable<Fetched['abortedTransactions']>) {
  const beginnings = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, first: Number(firstOffset) }))
    .sort((a, b) => a.first - b.first);
  const aborting = new Set<string>();
  for (const record of records) {
    while (beginnings[0] && beginnings[0].first <= Number(record.offset))
      aborting.add((beginnings.shift() as { producerId: string }).producerId);
    const { producerId, inTransaction } = record.batchContext;
    if (record.isControlRecord) aborting.delete(producerId);
    else if (!inTransaction || !aborting.has(producerId)) yield record;
  }
}
