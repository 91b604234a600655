/**
 * A batch that cannot be decoded, because its compressed data is damaged or becomes too large, would end a kafkajs consumer, or have
 * it try the same bytes for ever. It becomes one message instead, which its reader parks as a dead letter, and reading goes on
 * behind it. It wraps the decoder of faster/fetched-batch.ts.
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

/** Where things are in a record batch (magic 2); its length counts from behind itself. */
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
/** What the compressed batches of one partition's answer may hold together, in bytes; the rest is fetched again, next. */
const largestAnswer = 32 * 1024 * 1024;
/** kafkajs overflows the stack at some more. */
const mostRecords = 100_000;

const outOfMemory = /allocation|insufficient memory|grow instance memory/i;

const reasons = new WeakMap<object, string>();

/** Why this message is not one: it stands for a whole batch, whose bytes are its value. Undefined for every other message. */
export const whyUnreadable = (message: object): string | undefined => reasons.get(message);

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder');
const decode = require(path) as Decode;
const held = new WeakMap<Decoder, number>();

// Whoever decodes an answer asks for this module at its first answer, which is later than now.
(require.cache[path] as NodeJS.Module).exports = async (decoder: Decoder) => {
  const { buffer, offset } = decoder;
  const end = offset + place.leaderEpoch + buffer.readInt32BE(offset + place.length);
  if (end > buffer.length || end < offset + place.records) return decode(decoder); // cut off: kafkajs sees to that
  const before = held.get(decoder) ?? 0;
  // kafkajs takes this for an answer that was cut off, too.
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
    if (outOfMemory.test(message)) throw error; // that may pass, so the same is fetched again
    decoder.offset = end;
    return { records: [standIn(batch, message)] };
  }
};

/** About what decoded records take in memory, in bytes. */
const sizeOf = (records: DecodedRecord[]) =>
  records.reduce((sum, { key, value, headers }) => {
    const parts = [key, value, ...Object.values(headers).flat()];
    return parts.reduce((sum, part) => sum + 100 + (part?.length ?? 0), sum + 200);
  }, 0);

/** It has the last offset of its batch, so that reading goes on behind it. */
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
    `the ${codec ?? ''}batch of ${count} messages at the offsets ${first} to ${last} cannot be read: ${problem}. ` +
      'Its bytes, as Kafka has them, are the value of this dead letter',
  );
  return record;
}
