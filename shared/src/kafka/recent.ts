/** The identities of the latest messages, in bounded memory: the oldest is forgotten first. */
import { Recent as RecentMap } from '../recent.ts';

export class Recent {
  readonly #identities: RecentMap<true>;

  constructor(limit: number) {
    this.#identities = new RecentMap(limit);
  }

  has(identity: string): boolean {
    return this.#identities.has(identity);
  }

  add(identity: string): void {
    this.#identities.set(identity, true);
  }
}
