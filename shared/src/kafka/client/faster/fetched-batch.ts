/**
 * Decodes record batches. kafkajs allocates a buffer and a decoder for each record and an object for each header, and uses
 * objects for 64-bit numbers. Needs the inner decoder of the pinned version (see ../pinned.ts).
 */
import { createRequire } from 'node:module';
import { ByteReader } from './byte-reader.ts';
import { readHeaders, type SeenHeader } from './headers.ts';

export interface Decoder {
  buffer: Buffer;
  offset: number;
}
export interface Decoded {
  records: object[];
}

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder');
const { lookupCodecByAttributes } = require('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): { decompress(data: Buffer): Promise<Buffer> } | null;
};
export const stockDecode = require(path) as (decoder: Decoder) => Promise<Decoded>;
(require.cache[path] as NodeJS.Module).exports = decodeBatch;

/** Byte positions in a record batch. The length field counts the bytes after itself. */
const place = { length: 8, afterLength: 12, leaderEpoch: 12, magic: 16, attributes: 21, lastOffsetDelta: 23 };
const further = { firstTimestamp: 27, maxTimestamp: 35, producerId: 43, epoch: 51, sequence: 53, count: 57 };
const firstRecord = 61;
const flags = { compressed: 7, logAppendTime: 8, transactional: 16, control: 32 };

/**
 * Replaces the decoder of kafkajs, except for batches that are cut off or have an unknown codec. Also decodes compressed
 * batches, because kafkajs takes a header named `constructor` or `__proto__` for a repeated header and adds an inherited
 * property to its value.
 */
export async function decodeBatch(decoder: Decoder): Promise<Decoded> {
  const { buffer, offset } = decoder;
  const end = offset + place.afterLength + buffer.readInt32BE(offset + place.length);
  if (end > buffer.length || end < offset + firstRecord) return stockDecode(decoder);
  const attributes = buffer.readInt16BE(offset + place.attributes);
  const batch = buffer.subarray(offset, end);
  if ((attributes & flags.compressed) === 0) {
    decoder.offset = end;
    return decode(batch, attributes);
  }
  const codec = lookupCodecByAttributes(attributes);
  if (!codec) return stockDecode(decoder);
  const records = await codec.decompress(batch.subarray(firstRecord));
  decoder.offset = end;
  return decode(Buffer.concat([batch.subarray(0, firstRecord), records]), attributes);
}

function decode(batch: Buffer, attributes: number): Decoded {
  const firstOffset = batch.readBigInt64BE(0);
  const firstTimestamp = batch.readBigInt64BE(further.firstTimestamp);
  const maxTimestamp = String(batch.readBigInt64BE(further.maxTimestamp));
  const isControlBatch = (attributes & flags.control) > 0;
  const timestampType = attributes & flags.logAppendTime ? 1 : 0;
  const context = {
    firstOffset: String(firstOffset),
    firstTimestamp: String(firstTimestamp),
    partitionLeaderEpoch: batch.readInt32BE(place.leaderEpoch),
    inTransaction: (attributes & flags.transactional) > 0,
    isControlBatch,
    lastOffsetDelta: batch.readInt32BE(place.lastOffsetDelta),
    producerId: String(batch.readBigInt64BE(further.producerId)),
    producerEpoch: batch.readInt16BE(further.epoch),
    firstSequence: batch.readInt32BE(further.sequence),
    maxTimestamp,
    timestampType,
  };
  const magicByte = batch.readInt8(place.magic);
  const batchContext = { ...context, magicByte };
  const count = Math.max(0, batch.readInt32BE(further.count));
  const reader = new ByteReader(batch, firstRecord);
  const offsetOf = sums(firstOffset);
  const timestampOf = sums(firstTimestamp);
  const seen: SeenHeader[] = [];
  const records: object[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.varint();
    const recordEnd = reader.at + length;
    const recordAttributes = reader.int8();
    const timestampDelta = reader.varlong();
    const offset = offsetOf(reader.varint());
    records.push({
      magicByte,
      attributes: recordAttributes,
      timestamp: timestampType === 1 && maxTimestamp ? maxTimestamp : timestampOf(timestampDelta),
      offset,
      key: reader.bytes(),
      value: reader.bytes(),
      headers: readHeaders(reader, seen),
      isControlRecord: isControlBatch,
      batchContext,
    });
    reader.at = recordEnd;
  }
  return { ...context, records };
}

/** The sum of a 64-bit number and a small one as a decimal. Uses floating-point numbers if they are exact, as nearly always. */
function sums(first: bigint): (delta: number | bigint) => string {
  const base = Number(first);
  let known: number | bigint = 0;
  let text = String(first);
  return (delta) => {
    if (delta === known) return text;
    known = delta;
    const sum = base + Number(delta);
    const exact = typeof delta === 'number' && Number.isSafeInteger(base) && Number.isSafeInteger(sum);
    text = String(exact ? sum : BigInt.asIntN(64, first + BigInt(delta)));
    return text;
  };
}
