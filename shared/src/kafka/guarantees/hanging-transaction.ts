/**
 * A hanging transaction is one that Kafka treats as ended although a partition has no marker for it. Kafka 4.3.0 to 4.4.0 lose
 * markers when the broker is killed before it has written them (KAFKA-20734). The next marker of the same producer ends such a
 * transaction too: records that should be aborted would then be committed together with the new decisions.
 */
import type { RawRecord } from '../../reading.ts';
import type { OutgoingRecord } from '../writing/records.ts';
import type { Cause } from './recover-place.ts';

/** A record of an output in a transaction without a marker. */
export interface OpenRecord {
  topic: string;
  partition: number;
  record: RawRecord;
  /** The message that caused it, if it names one of this partition. */
  cause: Cause | undefined;
}

/**
 * One record of each topic from a hanging transaction that must be aborted: its messages are at or after the committed offset,
 * so they are decided again. Records for earlier messages belong to the committed offset, and become visible with the next
 * transaction.
 * @param committed the committed offset; null if there is none
 */
export function mustBeAborted(committed: string | null, open: OpenRecord[]): OutgoingRecord[] {
  const place = BigInt(committed ?? 0);
  const undecided = open.filter(({ cause }) => cause !== undefined && cause.offset >= place);
  return [...new Map(undecided.map((found) => [found.topic, found])).values()].map(
    ({ topic, partition, record: { key, value, headers } }) =>
      ({ topic, partition, key, value, headers: headers ?? {} }) as OutgoingRecord,
  );
}
