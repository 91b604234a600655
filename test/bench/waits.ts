/** The waits of a ride between its POST and its visible decision, from the spans of rides and transaction. */
import type { Seen } from '../support/collector.ts';
import type { Decided } from './decisions.ts';

/** In order. Each wait begins where the one before ends, so they add up to the whole time. */
export const waits = [
  'the request reaches rides',
  'rides checks it, until its writer has it',
  'the writer of rides: flush and Produce, until Kafka acknowledges',
  'fetch: from there until transaction has it',
  'its turn in transaction',
  'transaction decides, until its first request',
  'Produce',
  'TxnOffsetCommit',
  'EndTxn',
  'the marker is written',
  'last stable offset and fetch of the reader',
] as const;

export type Waits = (ride: Decided) => number[];

/**
 * Milliseconds for each of the waits. The start of a span is a whole millisecond. A wait is negative if the end came first: a fetch can
 * be answered before the writer has its acknowledgement, and a marker be written before EndTxn is answered.
 */
export function waitsIn(spans: Seen[]): Waits {
  const sent = new Map<unknown, Seen>();
  const processed = new Map<unknown, Seen>();
  const inTrace = new Map<string, Seen>();
  for (const span of spans) {
    const key = span.attributes['messaging.kafka.message.key'];
    if (span.name === 'send ride_details') sent.set(key, span);
    if (span.name === 'process ride_details') processed.set(key, span);
    inTrace.set(`${span.traceId} ${span.name}`, span);
  }
  return ({ customer, begun, marker, seen }) => {
    const found = <T>(what: string, value: T | undefined): T => {
      if (value === undefined) throw new Error(`the ride of ${customer} has no ${what}`);
      return value;
    };
    const send = found('send ride_details', sent.get(customer));
    const process = found('process ride_details', processed.get(customer));
    const of = ({ traceId }: Seen, name: string) => found(name, inTrace.get(`${traceId} ${name}`));
    const produce = of(process, 'send ride_confirmed');
    const moments = [
      Math.floor(begun), // as the spans
      start(of(send, 'POST /rides')),
      start(send),
      end(send),
      end(of(process, 'poll ride_details')),
      start(process),
      start(produce),
      end(produce),
      end(of(process, 'commit ride_details')),
      end(of(process, 'commit transaction')),
      found('marker', marker),
      Math.floor(seen),
    ];
    return waits.map((_, i) => Number(moments[i + 1]) - Number(moments[i]));
  };
}

const start = (span: Seen) => milliseconds(span.start);
const end = (span: Seen) => milliseconds(span.end);
/** Since 1970. More digits than milliseconds do not fit into a number together with the nanoseconds. */
const milliseconds = (nanoseconds: bigint) => Number(nanoseconds / 1000n) / 1000;
