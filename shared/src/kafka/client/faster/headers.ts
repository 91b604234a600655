/** Decodes the headers of consecutive records. Reuses names and values that equal those of the previous record. */
import type { ByteReader } from './byte-reader.ts';

/** A header of the previous record. */
export interface SeenHeader {
  name: string;
  nameBytes: Buffer;
  value: Buffer | null;
}
type Value = Buffer | null;

/** Longer values are hardly ever equal. */
const comparable = 64;

/** @param seen the headers of the previous record, in order; replaced by those of this record */
export function readHeaders(reader: ByteReader, seen: SeenHeader[]): Record<string, Value | Value[]> {
  const headers: Record<string, Value | Value[]> = {};
  const count = reader.varint();
  for (let i = 0; i < count; i++) {
    const header = readHeader(reader, seen[i]);
    seen[i] = header;
    const { name, value } = header;
    const known = headers[name];
    if (known === undefined && name !== '__proto__') headers[name] = value;
    else set(headers, name, value);
  }
  return headers;
}

function readHeader(reader: ByteReader, before: SeenHeader | undefined): SeenHeader {
  const nameLength = reader.varint();
  if (!before || !reader.skip(before.nameBytes, nameLength)) {
    const nameBytes = reader.take(nameLength);
    return { name: nameBytes.toString(), nameBytes, value: reader.bytes() };
  }
  const length = reader.varint();
  if (length < 0) return before.value === null ? before : { ...before, value: null };
  if (before.value && length < comparable && reader.skip(before.value, length)) return before;
  return { name: before.name, nameBytes: before.nameBytes, value: reader.take(length) };
}

/** A repeated name has a list of values. `__proto__` and `toString` are names like any other. */
function set(headers: Record<string, Value | Value[]>, name: string, value: Value) {
  const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (Array.isArray(known)) return void known.push(value); // not into a copy: a message may have half a million values
  const all = known === undefined ? value : [known, value];
  Object.defineProperty(headers, name, { value: all, writable: true, enumerable: true, configurable: true });
}
