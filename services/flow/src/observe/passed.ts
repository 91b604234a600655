/** How many of some offsets of one partition a reader's committed place has passed. */
export class Passed {
  #ahead: number[] = [];
  #head = 0;
  #place = -1;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Offsets are added in their order. */
  add(offset: number): void {
    if (offset < this.#place) this.#count++;
    else this.#ahead.push(offset);
  }

  /** The reader has finished everything below `place`. A place that goes back counts nothing again. */
  moveTo(place: number): void {
    if (place <= this.#place) return;
    this.#place = place;
    while (this.#head < this.#ahead.length && (this.#ahead[this.#head] as number) < place) {
      this.#head++;
      this.#count++;
    }
    if (this.#head < 1024 || this.#head < this.#ahead.length / 2) return;
    this.#ahead = this.#ahead.slice(this.#head);
    this.#head = 0;
  }
}
