/**
 * Flexible versions of Kafka's requests: lengths are unsigned varints and count from one, 0 is null, and every structure ends
 * with tagged fields.
 */
import { ByteWriter } from '../faster/byte-writer.ts';

export class FlexibleWriter extends ByteWriter {
  unsigned(value: number): void {
    this.room(5);
    let left = value >>> 0;
    for (; left > 127; left >>>= 7) this.buffer[this.at++] = (left & 127) | 128;
    this.buffer[this.at++] = left;
  }

  /** COMPACT_BYTES. */
  compactBytes(value: Buffer): void {
    this.unsigned(value.length + 1);
    this.room(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  /** COMPACT_NULLABLE_STRING. */
  compactString(value: string | null): void {
    if (value === null) this.unsigned(0);
    else this.compactBytes(Buffer.from(value));
  }

  /** COMPACT_ARRAY. Each element ends with its tagged fields: none. */
  array<T>(values: readonly T[], write: (value: T) => void): void {
    this.unsigned(values.length + 1);
    for (const value of values) {
      write(value);
      this.noTags();
    }
  }

  noTags(): void {
    this.unsigned(0);
  }
}

/** Reads an answer. @throws RangeError when it is too short */
export class FlexibleReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#moved(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#moved(4));
  }

  /** As a decimal string, because kafkajs has them so. */
  int64(): string {
    return String(this.#buffer.readBigInt64BE(this.#moved(8)));
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#moved(1));
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  bytes(length: number): Buffer {
    const start = this.#moved(length);
    if (this.#at > this.#buffer.length) throw new RangeError('the answer is too short');
    return this.#buffer.subarray(start, this.#at);
  }

  /** COMPACT_NULLABLE_STRING. */
  compactString(): string | null {
    const length = this.unsigned();
    return length === 0 ? null : this.bytes(length - 1).toString();
  }

  /** COMPACT_ARRAY; a null array becomes empty. Skips the tagged fields at the end of each element. */
  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.unsigned() - 1) }, () => {
      const value = read();
      this.tags();
      return value;
    });
  }

  /** The tagged fields at the end of a structure, by their numbers. */
  tags(): Map<number, FlexibleReader> {
    const fields = new Map<number, FlexibleReader>();
    for (let left = this.unsigned(); left > 0; left--) {
      const tag = this.unsigned();
      fields.set(tag, new FlexibleReader(this.bytes(this.unsigned())));
    }
    return fields;
  }

  #moved(bytes: number): number {
    const before = this.#at;
    this.#at += bytes;
    return before;
  }
}
