/** A record batch (magic 2 of Kafka's message format), written in one pass. */
import type { Message } from 'kafkajs';
import type { ByteWriter } from './byte-writer.ts';
import { crc32c } from './crc32c.ts';

export interface BatchOptions {
  /** The timestamp of all records, in milliseconds since 1970. */
  timestamp: number;
  transactional: boolean;
  /** A decimal string; -1 for a producer that is not idempotent. */
  producerId: string;
  producerEpoch: number;
  firstSequence: number;
}

const magic = 2;
const transactionalFlag = 16;
/** Byte positions of the parts that are filled in last. */
const place = { length: 8, afterLength: 12, crc: 17, afterCrc: 21 };

/** Uncompressed. A header without a value becomes null. */
export function writeRecordBatch(to: ByteWriter, records: Message[], options: BatchOptions): void {
  const start = to.at;
  to.int64(0n); // the first offset: the broker sets it
  to.int32(0); // length, see below
  to.int32(0); // partition leader epoch: the broker sets it
  to.int8(magic);
  to.int32(0); // checksum, see below
  to.int16(options.transactional ? transactionalFlag : 0);
  to.int32(records.length - 1);
  to.int64(BigInt(options.timestamp));
  to.int64(BigInt(options.timestamp));
  to.int64(BigInt(options.producerId));
  to.int16(options.producerEpoch);
  to.int32(options.firstSequence);
  to.int32(records.length);
  for (let i = 0; i < records.length; i++) writeRecord(to, records[i] as Message, i);
  to.buffer.writeInt32BE(to.at - start - place.afterLength, start + place.length);
  to.buffer.writeUInt32BE(crc32c(to.buffer, start + place.afterCrc, to.at), start + place.crc);
}

/** Most records have 64 to 8191 bytes, so their length takes two bytes. */
const usual = 2;

function writeRecord(to: ByteWriter, { key, value, headers }: Message, offsetDelta: number): void {
  to.room(usual);
  to.at += usual;
  const body = to.at;
  to.int8(0); // attributes: none are used
  to.varint(0); // timestamp delta
  to.varint(offsetDelta);
  to.bytes(key);
  to.bytes(value);
  if (headers) writeHeaders(to, headers);
  else to.varint(0);
  to.lengthBefore(body, usual);
}

type Headers = NonNullable<Message['headers']>;

function writeHeaders(to: ByteWriter, headers: Headers): void {
  const names = Object.keys(headers);
  let count = 0;
  for (const name of names) {
    const value = headers[name];
    count += Array.isArray(value) ? value.length : 1;
  }
  to.varint(count);
  for (const name of names) {
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) writeHeader(to, name, one);
    else writeHeader(to, name, value);
  }
}

function writeHeader(to: ByteWriter, name: string, value: Buffer | string | undefined): void {
  to.text(name);
  to.bytes(value);
}
