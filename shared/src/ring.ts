/** The newest of a stream of entries, numbered from 1. */
export class Ring<T> {
  readonly #size: number;
  /** The entry with number n stands at n modulo the size. */
  #entries: T[] = [];
  #oldest = 1;
  #next = 1;

  /** @param size how many are kept */
  constructor(size: number) {
    this.#size = size;
  }

  /** The number of the oldest that is kept; `next` when none is. */
  get oldest() {
    return this.#oldest;
  }
  /** The number of the one that will be added next. */
  get next() {
    return this.#next;
  }

  add(entry: T): void {
    this.#entries[this.#next % this.#size] = entry;
    this.#next++;
    if (this.#next - this.#oldest > this.#size) this.#oldest = this.#next - this.#size;
  }

  /** At most so many, oldest first, from this number on, which must be one that is kept. */
  from(number: number, most: number): T[] {
    const entries: T[] = [];
    for (let n = number; n < this.#next && entries.length < most; n++)
      entries.push(this.#entries[n % this.#size] as T);
    return entries;
  }

  /** Keeps none. One number is left out, so that nobody who was at the end goes on as if nothing had been missed. */
  forget(): void {
    this.#entries = [];
    this.#next++;
    this.#oldest = this.#next;
  }
}
