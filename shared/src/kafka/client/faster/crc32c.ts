/**
 * CRC-32C (Castagnoli), the checksum of record batches, eight bytes per step. kafkajs processes one byte at a time. Node's
 * `zlib.crc32` uses a different polynomial.
 */

const polynomial = 0x82f63b78; // reversed

/** Eight tables of 256 entries: table n gives the effect of a byte on the checksum when n more bytes follow it in a step. */
const tables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
  tables[byte] = sum;
}
for (let i = 256; i < tables.length; i++) {
  const before = entry(i - 256);
  tables[i] = entry(before & 255) ^ (before >>> 8);
}

/** The unsigned checksum of the bytes from `start` to before `end`. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = -1;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const mixed =
      sum ^ (at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24));
    sum =
      entry(0x700 + (mixed & 255)) ^
      entry(0x600 + ((mixed >>> 8) & 255)) ^
      entry(0x500 + ((mixed >>> 16) & 255)) ^
      entry(0x400 + (mixed >>> 24)) ^
      entry(0x300 + at(bytes, i + 4)) ^
      entry(0x200 + at(bytes, i + 5)) ^
      entry(0x100 + at(bytes, i + 6)) ^
      entry(at(bytes, i + 7));
  }
  for (; i < end; i++) sum = entry((sum ^ at(bytes, i)) & 255) ^ (sum >>> 8);
  return ~sum >>> 0;
}

// Two functions, so each gets one kind of array. Every index is within the bounds.
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function entry(index: number): number {
  return tables[index] as number;
}
