/**
 * Reads the LZ4 frame format (lz4_Frame_format 1.6). Written here because no maintained library limits the output and checks
 * every length and offset in the data.
 */

const magic = 0x184d2204;
/** Maximum block sizes in bytes, by the frame's block size code. */
const blockSizes = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
]);
const minMatch = 4;

const damaged = () => new Error('the LZ4 data is damaged');

/**
 * Decompresses one frame. Ignores its checksums, because Kafka has its own checksum for each batch.
 * @throws Error when the data is not an LZ4 frame, is damaged, or decompresses to more than `limit` bytes
 */
export function decompressLz4(data: Buffer, limit: number): Buffer {
  if (data.length < 7 || data.readUInt32LE(0) !== magic) throw new Error('the data is not an LZ4 frame');
  const flags = data.readUInt8(4);
  const blockSize = blockSizes.get((data.readUInt8(5) >> 4) & 7);
  if (flags >> 6 !== 1 || !blockSize) throw new Error('the LZ4 frame has an unknown version');
  if (flags & 1) throw new Error('the LZ4 frame needs a dictionary');
  const blockChecksum = flags & 16 ? 4 : 0;
  let at = 6 + (flags & 8 ? 8 : 0) + 1; // the size of the content and the checksum of the header
  let out: Buffer = Buffer.allocUnsafe(Math.min(limit, 4 * data.length));
  let length = 0;
  for (;;) {
    if (at + 4 > data.length) throw damaged();
    const head = data.readUInt32LE(at);
    at += 4;
    if (head === 0) return out.subarray(0, length);
    const stored = head >>> 31 === 1; // not compressed
    const end = at + (head & 0x7fffffff);
    if (end > data.length) throw damaged();
    if (length + blockSize > out.length) out = grown(out, length, length + blockSize);
    const most = Math.min(out.length, length + blockSize);
    length = stored ? copied(data, at, end, out, length, most) : block(data, at, end, out, length, most);
    if (length > limit) throw new Error(`the decompressed LZ4 data is larger than ${limit} bytes`);
    at = end + blockChecksum;
  }
}

function grown(out: Buffer, length: number, wanted: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(2 * out.length, wanted));
  out.copy(larger, 0, 0, length);
  return larger;
}

function copied(data: Buffer, from: number, end: number, out: Buffer, to: number, most: number): number {
  if (to + end - from > most) throw damaged();
  return to + data.copy(out, to, from, end);
}

/** One compressed block (lz4_Block_format): literals, then a match further back, and so on. Returns the new end of `out`. */
function block(data: Buffer, from: number, end: number, out: Buffer, start: number, most: number): number {
  let at = from;
  let to = start;
  /** A length that does not fit into the four bits of the token continues in more bytes, the last of which is not 255. */
  const lengthFrom = (bits: number) => {
    let length = bits;
    for (let byte = bits === 15 ? 255 : 0; byte === 255; length += byte) {
      if (at >= end) throw damaged();
      byte = data[at++] as number;
    }
    return length;
  };
  while (at < end) {
    const token = data[at++] as number;
    const literals = lengthFrom(token >> 4);
    if (at + literals > end) throw damaged();
    to = copied(data, at, at + literals, out, to, most);
    at += literals;
    if (at === end) return to; // the last sequence has no match
    if (at + 2 > end) throw damaged();
    const distance = data.readUInt16LE(at);
    at += 2;
    const match = lengthFrom(token & 15) + minMatch;
    if (distance === 0 || distance > to || to + match > most) throw damaged();
    // A match may overlap its own output and repeat it.
    if (distance >= match) out.copyWithin(to, to - distance, to - distance + match);
    else for (let i = to; i < to + match; i++) out[i] = out[i - distance] as number;
    to += match;
  }
  throw damaged();
}
