/** Writes the parts of records into one growing buffer. kafkajs allocates a buffer for each number, header and record. */

/** ASCII shorter than this is written character by character, which costs less than a call into Node. */
const short = 64;

export class ByteWriter {
  buffer: Buffer;
  at = 0;

  /** @param size an estimate; the buffer grows if necessary */
  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(size, 64));
  }

  /** The bytes that are written so far. */
  get written(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  room(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }

  int8(value: number): void {
    this.room(1);
    this.at = this.buffer.writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.room(2);
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.room(4);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.room(8);
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }

  /** Text with a length prefix, or -1 for null: NULLABLE_STRING of the Kafka protocol. */
  string(value: string | null): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    this.int16(length);
    if (value === null) return;
    this.room(length);
    this.#utf8(value);
  }

  /** A zigzag varint of 32 bits. */
  varint(value: number): void {
    this.room(5);
    let left = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; left > 127; left >>>= 7) this.buffer[this.at++] = (left & 127) | 128;
    this.buffer[this.at++] = left;
  }

  /** Bytes or text with a varint length prefix, or -1 for null. */
  bytes(value: Buffer | string | null | undefined): void {
    if (typeof value === 'string') this.text(value);
    else if (value === null || value === undefined) this.varint(-1);
    // Anything else would make every later length NaN for the lifetime of the process.
    else if (!(value instanceof Uint8Array))
      throw new TypeError('a key, value or header must be text or bytes');
    else {
      this.varint(value.length);
      this.room(value.length);
      this.buffer.set(value, this.at);
      this.at += value.length;
    }
  }

  text(value: string): void {
    const start = this.at;
    this.room(5 + 3 * value.length);
    this.varint(value.length); // correct if each character takes one byte, as nearly always
    if (value.length < short ? this.#ascii(value) : this.#utf8(value) === value.length) return;
    this.at = start;
    this.varint(Buffer.byteLength(value));
    this.#utf8(value);
  }

  /** False if a character takes more than one byte. */
  #ascii(value: string): boolean {
    const { buffer, at } = this;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      buffer[at + i] = code;
    }
    this.at = at + value.length;
    return true;
  }

  #utf8(value: string): number {
    const length = this.buffer.write(value, this.at);
    this.at += length;
    return length;
  }

  /** Writes the length of everything since `body` as a varint before it, where `gap` bytes were left free. */
  lengthBefore(body: number, gap: number): void {
    const length = this.at - body;
    const size = length < 64 ? 1 : length < 8192 ? 2 : length < 1_048_576 ? 3 : 4;
    const start = body - gap;
    if (size !== gap) {
      this.room(4);
      this.buffer.copyWithin(start + size, body, this.at);
    }
    this.at = start;
    this.varint(length);
    this.at += length;
  }
}
