/**
 * The row of a service in the topology, as typed functions. The types follow from the service's name, which TypeScript cannot
 * infer if the name is a parameter. The casts for that are only here.
 */
import { Unprocessable } from '../../errors.ts';
import { type RawRecord, type Received, read } from '../../reading.ts';
import { type MessageOn, type TopicName, topics } from '../../topics.ts';
import { type Input, type Output, type ReaderName, topology } from '../../topology.ts';
import type { Processing } from '../../tracing/spans.ts';
import { type OutgoingRecord, toRecord } from '../writing/records.ts';
import { fits, largestRecord, sizeOf } from '../writing/size.ts';

export interface TypedRow<S extends ReaderName> {
  /** Reads one record of the service's input. @throws Unprocessable with every wrong field */
  read(partition: number, record: RawRecord, emailDomain: string): Received<Input<S>>;
  /**
   * The records of the messages that the handler returned for one message, in its partition. The same outcome of the same
   * message always has the same identity, so readers can recognise a repeat.
   * @throws Unprocessable when one of them exceeds the limit of Kafka
   */
  toRecords(
    partition: number,
    output: Output<S>,
    cause: Received<Input<S>>,
    processing?: Processing,
  ): OutgoingRecord[];
}

export function typedRow<S extends ReaderName>(name: S): TypedRow<S> {
  const { reads, writes } = topology[name] as { reads: TopicName; writes: TopicName | null };
  return {
    read: (partition, record, emailDomain) =>
      read(reads, partition, record, emailDomain) as Received<Input<S>>,
    toRecords: (partition, output, cause, processing) => {
      if (writes === null) return [];
      const topic = topics[writes as 'ride_confirmed'];
      return (output as MessageOn<'ride_confirmed'>[]).map((message, index) => {
        const id = index === 0 ? cause.identity : `${cause.identity}.${index}`;
        const ownTraceparent = processing?.creates(topic.name, partition, topic.key(message), id);
        const origin = { source: name, id, traceparent: cause.traceparent, ownTraceparent, cause };
        return expectRoom(toRecord(topic, partition, message, origin));
      });
    },
  };
}

function expectRoom(record: OutgoingRecord): OutgoingRecord {
  if (fits(record)) return record;
  throw new Unprocessable(
    `its output on ${record.topic} would have about ${sizeOf(record)} bytes, but the limit is ${largestRecord}`,
  );
}
