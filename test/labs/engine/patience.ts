/** How much one look may count, in milliseconds. */
const most = 250;

/** Measures a wait. When the machine stands still, what is waited for does too, so that time does not count. */
export class Patience {
  #last = performance.now();
  /** Milliseconds that count. */
  waited = 0;

  /** Call it often. @returns the milliseconds that count until now */
  look(): number {
    const now = performance.now();
    this.waited += Math.min(now - this.#last, most);
    this.#last = now;
    return this.waited;
  }
}
