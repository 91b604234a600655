/** The identities of the latest messages, in bounded memory: the oldest is forgotten first. */
export class Recent {
  readonly #limit: number;
  readonly #identities = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(identity: string): boolean {
    return this.#identities.has(identity);
  }

  add(identity: string): void {
    this.#identities.add(identity);
    if (this.#identities.size <= this.#limit) return;
    for (const oldest of this.#identities) {
      this.#identities.delete(oldest);
      break;
    }
  }
}
