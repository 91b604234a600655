/**
 * A value that is created on first use and then kept, such as a connection. A failure is not kept: the next use tries again.
 */
export class Once<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | null = null;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  get(): Promise<T> {
    if (this.#made) return this.#made;
    const made = this.#make();
    this.#made = made;
    made.catch(() => {
      if (this.#made === made) this.#made = null;
    });
    return made;
  }

  /** Returns the value so it can be closed, and forgets it; null if there is none. */
  take(): Promise<T> | null {
    const made = this.#made;
    this.#made = null;
    return made;
  }
}
