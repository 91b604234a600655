/**
 * Hides what aborted transactions wrote from read-committed readers. kafkajs does it by itself, but it takes the broker's
 * list of aborted transactions for sorted by their first offset, one of which begins per record, while the broker sorts them by their
 * end; where two overlap, and on a fetch from within them, it delivers their records. It also takes every record whose key is four zero
 * bytes for the end of an abort. So the work is done here, as the Java client does it, and nothing is left for kafkajs to do.
 */
import { createRequire } from 'node:module';

/** One partition of a fetch's answer, as kafkajs decodes it. */
export interface FetchedPartition {
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
  messages: {
    offset: string;
    key: Buffer | null;
    isControlRecord: boolean;
    batchContext: { producerId: string; inTransaction: boolean };
  }[];
}

/** A hidden record counts as a control record: readers get past it without seeing it. */
export function hideAborted(partition: FetchedPartition): void {
  const aborted = partition.abortedTransactions ?? [];
  if (aborted.length === 0) return;
  partition.abortedTransactions = [];
  const ahead = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) }))
    .sort((a, b) => (a.from < b.from ? 1 : -1));
  const aborting = new Set<string>();
  for (const message of partition.messages) {
    const { producerId, inTransaction } = message.batchContext;
    const offset = BigInt(message.offset);
    for (let next = ahead.at(-1); next && next.from <= offset; next = ahead.at(-1)) {
      aborting.add(next.producerId);
      ahead.pop();
    }
    // A producer that is aborting ends with an abort marker: a producer has one transaction at a time.
    if (message.isControlRecord) aborting.delete(producerId);
    else if (inTransaction && aborting.has(producerId)) message.isControlRecord = true;
  }
}

interface FetchAnswer {
  responses: { partitions: FetchedPartition[] }[];
}
const require = createRequire(import.meta.url);
const { prototype: broker } = require('kafkajs/src/broker') as {
  prototype: { fetch(request: { isolationLevel?: number }): Promise<FetchAnswer> };
};
const readCommitted = 1;
const fetchAsKafkajs = broker.fetch;
broker.fetch = async function (this: typeof broker, request) {
  const answer = await fetchAsKafkajs.call(this, request);
  if (request.isolationLevel === readCommitted)
    for (const { partitions } of answer.responses) for (const partition of partitions) hideAborted(partition);
  return answer;
};
