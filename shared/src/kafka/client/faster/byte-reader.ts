/** Reads the numbers and bytes of records from one buffer. */
export class ByteReader {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer;
    this.at = at;
  }

  int8(): number {
    return this.buffer.readInt8(this.at++);
  }

  /** A zigzag varint of 32 bits. @throws Error when it does not end within five bytes or within the buffer */
  varint(): number {
    let byte = this.#next();
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1); // one byte, as most are
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      if (shift > 28) throw new Error('a number takes more than five bytes');
      byte = this.#next();
      value |= (byte & 127) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag varint of 64 bits. @throws Error when it does not end within ten bytes or within the buffer */
  varlong(): number | bigint {
    let byte = this.#next();
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = BigInt(byte & 127);
    for (let shift = 7n; byte > 127; shift += 7n) {
      if (shift > 63n) throw new Error('a number takes more than ten bytes');
      byte = this.#next();
      value |= BigInt(byte & 127) << shift;
    }
    const exact = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }

  /** Bytes with a length prefix; null for a negative length. A view, not a copy. @throws Error when the buffer is too short */
  bytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.take(length);
  }

  take(length: number): Buffer {
    const start = this.at;
    this.at += length;
    if (length < 0 || this.at > this.buffer.length) throw new Error('a record is longer than its batch');
    return this.buffer.subarray(start, this.at);
  }

  /** Skips the next bytes if they equal these. */
  skip(bytes: Buffer, length: number): boolean {
    const { buffer, at } = this;
    if (bytes.length !== length) return false;
    // Compares from the end, because consecutive ids start with the same bytes.
    for (let i = length - 1; i >= 0; i--) if (buffer[at + i] !== bytes[i]) return false;
    this.at += length;
    return true;
  }

  #next(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) throw new Error('a record is longer than its batch');
    return byte;
  }
}
