/**
 * Without this, a batch whose compressed data is damaged or too large stops a kafkajs consumer, or makes it retry the same
 * bytes forever. Here it becomes one message that its reader parks as a dead letter, and reading continues after it. Wraps the
 * decoder of faster/fetched-batch.ts.
 */
import '../faster/fetched-batch.ts';
import { createRequire } from 'node:module';

interface Decoder {
  buffer: Buffer;
  offset: number;
}
interface DecodedRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | null | (Buffer | null)[]>;
}
type Decode = (decoder: Decoder) => Promise<{ records: DecodedRecord[] }>;

/** Byte positions in a record batch (magic 2). The length field counts the bytes after itself. */
const place = {
  length: 8,
  leaderEpoch: 12,
  attributes: 21,
  lastOffsetDelta: 23,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
};
const compressed = 7;
const transactional = 16;
const control = 32;
/** The largest decompressed size of all batches in one partition's answer, in bytes. The rest is fetched again next. */
const largestAnswer = 32 * 1024 * 1024;
/** With slightly more, kafkajs overflows the stack. */
const mostRecords = 100_000;

const outOfMemory = /allocation|insufficient memory|grow instance memory/i;

const reasons = new WeakMap<object, string>();

/** Why this message stands for an unreadable batch, whose bytes are its value. Undefined for every other message. */
export const whyUnreadable = (message: object): string | undefined => reasons.get(message);

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder');
const decode = require(path) as Decode;
const held = new WeakMap<Decoder, number>();

// kafkajs loads this module when it decodes its first answer, which is later than now.
(require.cache[path] as NodeJS.Module).exports = async (decoder: Decoder) => {
  const { buffer, offset } = decoder;
  const end = offset + place.leaderEpoch + buffer.readInt32BE(offset + place.length);
  if (end > buffer.length || end < offset + place.records) return decode(decoder); // cut off: kafkajs handles that
  const before = held.get(decoder) ?? 0;
  // kafkajs treats this like an answer that was cut off.
  if (before > largestAnswer) throw Object.assign(new Error(), { name: 'KafkaJSPartialMessageError' });
  const batch = buffer.subarray(offset, end);
  try {
    if (batch.readInt32BE(place.count) > mostRecords)
      throw new Error(`more than ${mostRecords} messages in one batch are too many`);
    const decoded = await decode(decoder);
    if (batch.readInt16BE(place.attributes) & compressed) held.set(decoder, before + sizeOf(decoded.records));
    return decoded;
  } catch (error) {
    const { message } = error as Error;
    if (outOfMemory.test(message)) throw error; // this may be temporary, so the same data is fetched again
    decoder.offset = end;
    return { records: [standIn(batch, message)] };
  }
};

/** Approximate memory of decoded records, in bytes. */
const sizeOf = (records: DecodedRecord[]) =>
  records.reduce((sum, { key, value, headers }) => {
    const parts = [key, value, ...Object.values(headers).flat()];
    return parts.reduce((sum, part) => sum + 100 + (part?.length ?? 0), sum + 200);
  }, 0);

/** It has the last offset of its batch, so reading continues after the batch. */
function standIn(batch: Buffer, problem: string): DecodedRecord {
  const attributes = batch.readInt16BE(place.attributes);
  const first = batch.readBigInt64BE(0);
  const last = first + BigInt(batch.readInt32BE(place.lastOffsetDelta));
  const isControlRecord = (attributes & control) !== 0;
  const record = {
    key: null,
    value: batch,
    offset: String(last),
    timestamp: String(batch.readBigInt64BE(place.maxTimestamp)),
    attributes: 0,
    headers: {},
    isControlRecord,
    batchContext: {
      firstOffset: String(first),
      producerId: String(batch.readBigInt64BE(place.producerId)),
      inTransaction: (attributes & transactional) !== 0,
      isControlBatch: isControlRecord,
    },
  };
  const count = batch.readInt32BE(place.count);
  const codec = ['', 'gzip-compressed ', 'snappy-compressed ', 'lz4-compressed ', 'zstd-compressed '][
    attributes & compressed
  ];
  reasons.set(
    record,
    `the ${codec ?? ''}batch of ${count} messages at offsets ${first} to ${last} cannot be read: ${problem}. ` +
      'The value of this dead letter is the batch as Kafka stores it',
  );
  return record;
}
