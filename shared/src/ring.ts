/** The newest entries of a stream, numbered from 1. */
export class Ring<T> {
  readonly #size: number;
  /** Entry n is at index n modulo the size. */
  #entries: T[] = [];
  #oldest = 1;
  #next = 1;

  /** @param size the number of entries to keep */
  constructor(size: number) {
    this.#size = size;
  }

  /** The number of the oldest entry; `next` if there is none. */
  get oldest() {
    return this.#oldest;
  }
  /** The number of the next entry. */
  get next() {
    return this.#next;
  }

  add(entry: T): void {
    this.#entries[this.#next % this.#size] = entry;
    this.#next++;
    if (this.#next - this.#oldest > this.#size) this.#oldest = this.#next - this.#size;
  }

  /** At most this many entries, oldest first, starting with this number, which must still be kept. */
  from(number: number, most: number): T[] {
    const entries: T[] = [];
    for (let n = number; n < this.#next && entries.length < most; n++)
      entries.push(this.#entries[n % this.#size] as T);
    return entries;
  }

  /** Removes all entries and skips one number, so a reader at the end notices the gap. */
  forget(): void {
    this.#entries = [];
    this.#next++;
    this.#oldest = this.#next;
  }
}
