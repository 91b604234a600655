/** A map with at most `capacity` entries. A new entry replaces the one that was added first. */
export class Recent<V> {
  readonly #capacity: number;
  readonly #map = new Map<string, V>();
  /**
   * A ring of keys in insertion order, starting at `#next`, because finding the first key of a large Map gets slower with
   * every deletion.
   */
  readonly #ring: string[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(key: string): boolean {
    return this.#map.has(key);
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  /** An existing key keeps its position. Returns the entry that was removed. */
  set(key: string, value: V): V | undefined {
    const known = this.#map.has(key);
    this.#map.set(key, value);
    if (known) return undefined;
    const first = this.#ring.length < this.#capacity ? undefined : this.#ring[this.#next];
    this.#ring[this.#next] = key;
    this.#next = (this.#next + 1) % this.#capacity;
    if (first === undefined) return undefined;
    const gone = this.#map.get(first);
    this.#map.delete(first);
    return gone;
  }

  get size(): number {
    return this.#map.size;
  }
}
