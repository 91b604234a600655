/** A map with at most `capacity` entries. A new entry replaces the one with the oldest time. */
export class Youngest<V> {
  readonly #capacity: number;
  readonly #map = new Map<string, V>();
  /** A binary heap: no entry is older than its parent, which is at half its index. */
  readonly #keys: string[] = [''];
  readonly #times: number[] = [0];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  /** @returns the entry that was removed, which can be the new one */
  add(key: string, value: V, time: number): V | undefined {
    this.#map.set(key, value);
    this.#up(this.#keys.length, key, time);
    if (this.#map.size <= this.#capacity) return undefined;
    const oldest = this.#keys[1] as string;
    const gone = this.#map.get(oldest);
    this.#map.delete(oldest);
    this.#down(this.#keys.pop() as string, this.#times.pop() as number);
    return gone;
  }

  values(): Iterable<V> {
    return this.#map.values();
  }

  get size(): number {
    return this.#map.size;
  }

  #up(place: number, key: string, time: number) {
    let at = place;
    for (let above = at >> 1; above > 0 && this.#timeAt(above) > time; at = above, above = at >> 1)
      this.#move(above, at);
    this.#put(at, key, time);
  }

  /** Replaces the oldest entry, and moves the new one below older ones. */
  #down(key: string, time: number) {
    if (this.#keys.length === 1) return;
    let at = 1;
    for (;;) {
      const left = 2 * at;
      const older = this.#timeAt(left + 1) < this.#timeAt(left) ? left + 1 : left;
      if (this.#timeAt(older) >= time) break;
      this.#move(older, at);
      at = older;
    }
    this.#put(at, key, time);
  }

  #timeAt(place: number): number {
    return this.#times[place] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number) {
    this.#put(to, this.#keys[from] as string, this.#times[from] as number);
  }

  #put(place: number, key: string, time: number) {
    this.#keys[place] = key;
    this.#times[place] = time;
  }
}
