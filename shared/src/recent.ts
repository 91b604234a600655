/** A map that holds at most `capacity` entries: the one that was added first makes room for a new one. */
export class Recent<V> {
  readonly #capacity: number;
  readonly #map = new Map<string, V>();
  /** Keys in the order of adding, from `#next` around: finding the first key of a large Map gets slower with every deletion. */
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

  /** A key that is there keeps its place. Returns the entry that had to go. */
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
