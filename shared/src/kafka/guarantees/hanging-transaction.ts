/**
 * A hanging transaction is one that Kafka takes for ended although a partition has no marker of its end. Kafka 4.3.0 to 4.4.0 lose markers
 * when their broker is killed before it has written them (KAFKA-20734). The next marker of the same producer ends such a
 * transaction too: what should be aborted would be committed together with what is decided anew.
 */
import type { RawRecord } from '../../reading.ts';
import type { OutgoingRecord } from '../writing/records.ts';
import type { Cause } from './recover-place.ts';

/** A record of an output whose transaction has no marker. */
export interface OpenRecord {
  topic: string;
  partition: number;
  record: RawRecord;
  /** The message that caused it, where it names one of this partition. */
  cause: Cause | undefined;
}

/**
 * One record of each topic, from which a hanging transaction can be told that must not be committed any more: its messages lie at or
 * behind the place where the group stands, so they are decided anew. What lies before that place belongs to the offset that is
 * committed, and becomes visible with the next transaction.
 * @param committed where the group stands; null: nowhere
 */
export function mustBeAborted(committed: string | null, open: OpenRecord[]): OutgoingRecord[] {
  const place = BigInt(committed ?? 0);
  const undecided = open.filter(({ cause }) => cause !== undefined && cause.offset >= place);
  return [...new Map(undecided.map((found) => [found.topic, found])).values()].map(
    ({ topic, partition, record: { key, value, headers } }) =>
      ({ topic, partition, key, value, headers: headers ?? {} }) as OutgoingRecord,
  );
}
