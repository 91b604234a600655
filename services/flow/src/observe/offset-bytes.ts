/** One byte per offset of a partition, in pages: memory follows what lies between the oldest offset that matters and the newest. */
const pageSize = 4096;

export class OffsetBytes {
  readonly #pages = new Map<number, Uint8Array>();
  #floor = 0;

  /** Offsets below are forgotten. */
  get floor(): number {
    return this.#floor;
  }

  /** 0 for what was never set, or is forgotten. */
  get(offset: number): number {
    return this.#pages.get(Math.floor(offset / pageSize))?.[offset % pageSize] ?? 0;
  }

  set(offset: number, byte: number): void {
    if (offset < this.#floor) return;
    const index = Math.floor(offset / pageSize);
    let page = this.#pages.get(index);
    if (!page) {
      page = new Uint8Array(pageSize);
      this.#pages.set(index, page);
    }
    page[offset % pageSize] = byte;
  }

  /** Forgets whole pages below an offset. */
  forgetBelow(offset: number): void {
    const first = Math.floor(offset / pageSize);
    if (first * pageSize <= this.#floor) return;
    this.#floor = first * pageSize;
    for (const index of this.#pages.keys()) if (index < first) this.#pages.delete(index);
  }
}
