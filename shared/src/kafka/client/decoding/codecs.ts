/**
 * Decompresses the batches of foreign clients. kafkajs only supports gzip and stops its consumer at anything else. The
 * decompressed size is limited, because one megabyte can decompress to gigabytes.
 */
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { snappyUncompressor } from 'hysnappy';
import kafkajs from 'kafkajs';
import { decompressLz4 } from './lz4.ts';

/**
 * The largest decompressed batch, in bytes. Kafka accepts a megabyte by default, and compressed text is ten to twenty times
 * smaller.
 */
export const largestBatch = 32 * 1024 * 1024;

const { CompressionCodecs, CompressionTypes } = kafkajs; // Node finds no named exports in it

const bounded = { maxOutputLength: largestBatch };
const unzip = promisify(gunzip);
const unzstd = promisify(zstdDecompress);

/** The framing of Java clients around Snappy: this magic, two version numbers, and blocks with a length prefix. */
const xerial = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0]);

/** @throws Error when it is damaged or too large */
export function decompressSnappy(data: Buffer): Buffer {
  const uncompress = snappyUncompressor();
  if (!data.subarray(0, xerial.length).equals(xerial)) return snappyBlock(uncompress, data, largestBatch);
  const blocks: Buffer[] = [];
  let left = largestBatch;
  for (let at = xerial.length + 8; at < data.length; ) {
    const length = at + 4 > data.length ? Number.NaN : data.readUInt32BE(at);
    const end = at + 4 + length;
    if (!(end <= data.length)) throw new Error('the Snappy data is damaged');
    const block = snappyBlock(uncompress, data.subarray(at + 4, end), left);
    blocks.push(block);
    left -= block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

function snappyBlock(uncompress: ReturnType<typeof snappyUncompressor>, data: Buffer, limit: number): Buffer {
  // The block starts with its size, a varint.
  let size = 0;
  for (let at = 0, factor = 1; ; at++, factor *= 128) {
    const byte = data[at];
    if (byte === undefined || at > 4) throw new Error('the Snappy data is damaged');
    size += (byte & 127) * factor;
    if (byte < 128) break;
  }
  if (size > limit) throw new Error(`the decompressed Snappy data is larger than ${largestBatch} bytes`);
  if (size === 0) return Buffer.alloc(0);
  return Buffer.from(uncompress(data, size).buffer);
}

const gzip = CompressionCodecs[CompressionTypes.GZIP]();
CompressionCodecs[CompressionTypes.GZIP] = () => ({
  compress: gzip.compress,
  decompress: (data: Buffer) => unzip(data, bounded),
});
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  decompress: async (data: Buffer) => decompressSnappy(data),
});
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  decompress: async (data: Buffer) => decompressLz4(data, largestBatch),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({ decompress: (data: Buffer) => unzstd(data, bounded) });
