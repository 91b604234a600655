/**
 * Encodes Produce requests in one pass. kafkajs allocates several buffers for each record, which costs more than everything
 * else that a service does with a ride. Needs the inner request of the pinned version (see ../pinned.ts).
 */
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import { ByteWriter } from './byte-writer.ts';
import { writeRecordBatch } from './record-batch.ts';

export interface ProduceOptions {
  transactionalId?: string | null | undefined;
  acks: number;
  timeout: number;
  compression?: number;
  /** A decimal string, or a Long of kafkajs. */
  producerId?: { toString(): string };
  producerEpoch?: number;
  topicData: {
    topic: string;
    partitions: { partition: number; firstSequence?: number; messages: Message[] }[];
  }[];
}
interface Encoder {
  buf: Buffer;
  offset: number;
  /** What is written so far. */
  readonly buffer: Buffer;
}
export interface Request {
  encode(): Promise<Encoder>;
}

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/requests/produce/v3/request');
export const stockProduce = require(path) as (options: ProduceOptions) => Request;
const EncoderOfKafkajs = require('kafkajs/src/protocol/encoder') as new (size: number) => Encoder;

// The later versions of the request build on this one and load it when the first request is sent.
(require.cache[path] as NodeJS.Module).exports = produce;

/**
 * Replaces the encoder of kafkajs, except for what we never send: compressed batches, and records with individual timestamps.
 */
export function produce(options: ProduceOptions): Request {
  const request = stockProduce(options);
  if (options.compression || options.topicData.some(hasTimestamps)) return request;
  return Object.assign(request, { encode: async () => encoderOf(encode(options)) });
}

/** The encoder that kafkajs expects, with these bytes written. */
export function encoderOf(bytes: Buffer): Encoder {
  const encoder = new EncoderOfKafkajs(1);
  encoder.buf = bytes;
  encoder.offset = bytes.length;
  return encoder;
}

const hasTimestamps = ({ partitions }: ProduceOptions['topicData'][number]) =>
  partitions.some(({ messages }) => messages.some(({ timestamp }) => timestamp !== undefined));

/** The size of recent requests, in bytes. The next request starts with a buffer of that size. */
let usualSize = 4096;

function encode({ transactionalId = null, acks, timeout, topicData, ...producer }: ProduceOptions): Buffer {
  const to = new ByteWriter(usualSize);
  to.string(transactionalId);
  to.int16(acks);
  to.int32(timeout);
  to.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    to.string(topic);
    to.int32(partitions.length);
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      to.int32(partition);
      const sizeAt = to.at;
      to.int32(0);
      writeRecordBatch(to, messages, {
        timestamp: Date.now(),
        transactional: !!transactionalId,
        producerId: String(producer.producerId ?? -1),
        producerEpoch: producer.producerEpoch ?? 0,
        firstSequence,
      });
      to.buffer.writeInt32BE(to.at - sizeAt - 4, sizeAt);
    }
  }
  usualSize = Math.ceil(0.9 * usualSize + 0.15 * to.at);
  return to.written;
}
