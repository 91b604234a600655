import type { Fetched, Record } from './cluster.ts';

/**
 * Of one answer to a read-committed fetch: its records without those of aborted transactions and without the markers that end
 * transactions. kafkajs has such a filter, but it lets some through: it takes the list of aborted transactions as sorted by their
 * beginning, and a record with a key of four zero bytes for the end of one.
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
