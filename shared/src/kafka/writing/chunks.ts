/**
 * Splits a list into chunks in order, with limits on items and bytes. A larger item becomes its own chunk.
 * @param sizeOf in bytes
 */
export function* chunks<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  most: { items: number; bytes: number },
): Generator<T[], void> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (chunk.length === most.items || (chunk.length > 0 && bytes + size > most.bytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
