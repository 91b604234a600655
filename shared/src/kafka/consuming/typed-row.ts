/**
 * The row of a service in the topology, as functions of its types. The types of a row follow from the service's name, which
 * TypeScript cannot see while the name is a parameter: the casts for that stand here and nowhere else.
 */
import { Unprocessable } from '../../errors.ts';
import { type RawRecord, type Received, read } from '../../reading.ts';
import { type MessageOn, type TopicName, topics } from '../../topics.ts';
import { type Input, type Output, type ReaderName, topology } from '../../topology.ts';
import { type OutgoingRecord, toRecord } from '../writing/records.ts';
import { fits, largestRecord, sizeOf } from '../writing/size.ts';

export interface TypedRow<S extends ReaderName> {
  /** Reads one record of the service's input. @throws Unprocessable with every field that is wrong */
  read(partition: number, record: RawRecord, emailDomain: string): Received<Input<S>>;
  /**
   * The records of what the handler returned because of one message, in its partition. One outcome of one message always has one
   * identity, so that a repeat can be recognised.
   * @throws Unprocessable when one of them is larger than Kafka takes
   */
  toRecords(partition: number, output: Output<S>, cause: Received<Input<S>>): OutgoingRecord[];
}

export function typedRow<S extends ReaderName>(name: S): TypedRow<S> {
  const { reads, writes } = topology[name] as { reads: TopicName; writes: TopicName | null };
  return {
    read: (partition, record, emailDomain) =>
      read(reads, partition, record, emailDomain) as Received<Input<S>>,
    toRecords: (partition, output, cause) =>
      writes === null
        ? []
        : (output as MessageOn<'ride_confirmed'>[]).map((message, index) =>
            expectRoom(
              toRecord(topics[writes as 'ride_confirmed'], partition, message, {
                source: name,
                id: index === 0 ? cause.identity : `${cause.identity}.${index}`,
                traceparent: cause.traceparent,
                cause,
              }),
            ),
          ),
  };
}

function expectRoom(record: OutgoingRecord): OutgoingRecord {
  if (fits(record)) return record;
  throw new Unprocessable(
    `what it leads to on ${record.topic} would have about ${sizeOf(record)} bytes; at most ${largestRecord} are accepted`,
  );
}
