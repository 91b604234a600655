/**
 * Hides the records of aborted transactions from read-committed readers, as the Java client does. kafkajs tries to do that
 * too, but it assumes that the broker's list of aborted transactions is sorted by first offset, while the broker sorts it by
 * last offset. If two transactions overlap, or a fetch starts inside them, kafkajs delivers their records. It also takes every
 * record whose key is four zero bytes for an abort marker. So the list is emptied here, and nothing is left for kafkajs to do.
 */
import { createRequire } from 'node:module';

/** One partition in the answer to a fetch, as kafkajs decodes it. */
export interface FetchedPartition {
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
  messages: {
    offset: string;
    key: Buffer | null;
    isControlRecord: boolean;
    batchContext: { producerId: string; inTransaction: boolean };
  }[];
}

/** A hidden record becomes a control record, which readers skip. */
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
    // An abort marker ends the transaction of its producer, because a producer has one transaction at a time.
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
