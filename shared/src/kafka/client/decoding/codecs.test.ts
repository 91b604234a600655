import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import './codecs.ts';
import { largestBatch } from './codecs.ts';

/** The text below as the Java client 4.2.1 and the C libraries, which librdkafka and Python use, compress it. */
const compressed: Record<string, string> = JSON.parse(
  readFileSync(new URL('./compressed.fixture.json', import.meta.url), 'utf8'),
);
const text = Array.from(
  { length: 1700 },
  (_, i) => `{"id":"ride-${i % 4}","customer_id":"user_${i % 2}"}\n`,
).join('');

const codecs = {
  gzip: CompressionCodecs[CompressionTypes.GZIP](),
  snappy: CompressionCodecs[CompressionTypes.Snappy](),
  lz4: CompressionCodecs[CompressionTypes.LZ4](),
  zstd: CompressionCodecs[CompressionTypes.ZSTD](),
};
const codecOf = (name: string) => codecs[name.split(' ')[0] as keyof typeof codecs];

describe.each(Object.entries(compressed))('%s', (name, base64) => {
  const data = Buffer.from(base64, 'base64');

  test('is read', async () => {
    expect((await codecOf(name).decompress(data)).toString()).toBe(text);
  });

  test('is rejected, or has a bounded result, when it is damaged', async () => {
    const damage = fc.array(fc.tuple(fc.nat(data.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const copy = Buffer.from(data);
        for (const [at, byte] of changes) copy[at] = byte;
        const bounded = (result: Buffer) => result.length <= largestBatch;
        const refused = () => true;
        expect(await codecOf(name).decompress(copy).then(bounded, refused)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('is rejected when it is cut off', async () => {
    await expect(codecOf(name).decompress(data.subarray(0, data.length - 20))).rejects.toThrow();
  });
});

/** A frame of one block, and the block: zeros, as long as is asked for. */
function lz4Bomb(size: number): Buffer {
  const block = (length: number) => {
    const more = length - 1 - 4 - 15 - 6;
    const lengths = Buffer.alloc(Math.floor(more / 255) + 1, 255);
    lengths[lengths.length - 1] = more % 255;
    const sequences = [Buffer.from([0x1f, 0, 1, 0]), lengths, Buffer.from([0x60, 0, 0, 0, 0, 0, 0])];
    const body = Buffer.concat(sequences);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    return Buffer.concat([head, body]);
  };
  const blocks = Array.from({ length: size / 4_194_304 }, () => block(4_194_304));
  return Buffer.concat([Buffer.from([4, 0x22, 0x4d, 0x18, 0x60, 0x70, 0]), ...blocks, Buffer.alloc(4)]);
}

test.each([
  ['gzip', gzipSync],
  ['snappy', snappyCompress],
  ['lz4', (zeros: Buffer) => lz4Bomb(zeros.length)],
  ['zstd', zstdCompressSync],
])('%s data may decompress to the limit and not more', async (name, compress) => {
  const most = await codecOf(name).decompress(Buffer.from(compress(Buffer.alloc(largestBatch))));
  expect(most.equals(Buffer.alloc(largestBatch))).toBe(true);
  const bomb = Buffer.from(compress(Buffer.alloc(2 * largestBatch)));
  await expect(codecOf(name).decompress(bomb)).rejects.toThrow(/larger than \d+ bytes/);
});

test.each(['snappy', 'lz4', 'zstd', 'gzip'])('what is no %s data is refused', async (name) => {
  for (const data of [Buffer.alloc(0), Buffer.from('{"id":1}'), Buffer.alloc(100, 0xff)])
    await expect(codecOf(name).decompress(data)).rejects.toThrow();
});
