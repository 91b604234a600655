/** Asks again and again: often while something moves, seldom while nothing does. */

/** From one answer to the next question, in milliseconds. */
const busyEvery = 250;
const idleEvery = 3000;
/** How long something counts as moving. */
const busyFor = 5000;

export class Poll {
  readonly #ask: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #movedAt = 0;
  #stopped = false;

  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
    this.#next(0);
  }

  /** Something moves: it is asked soon. */
  moved(): void {
    const idle = !this.#busy();
    this.#movedAt = Date.now();
    if (idle && this.#timer) this.#next(busyEvery);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #busy = () => Date.now() - this.#movedAt < busyFor;

  #next(wait: number) {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      this.#timer = null; // while it is asked, nobody else asks
      await this.#ask();
      if (!this.#stopped) this.#next(this.#busy() ? busyEvery : idleEvery);
    }, wait);
  }
}
