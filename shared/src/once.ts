/**
 * Something that is made when it is first asked for, and then kept, such as a connection. A failure to make it is not kept: whoever asks
 * next tries again.
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

  /** Hands over what there is, for closing it, and forgets it; null where nothing is made or being made. */
  take(): Promise<T> | null {
    const made = this.#made;
    this.#made = null;
    return made;
  }
}
