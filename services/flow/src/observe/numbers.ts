/** One sample per second, for five minutes. */
import type { Sample } from '../protocol.ts';

const kept = 300;
/** Ages that one sample is made of, at most: beyond, every one that comes replaces a random one. */
const ages = 2000;

export class Numbers {
  #samples: Sample[] = [];
  #rides = 0;
  #retries = 0;
  #ages: number[] = [];
  #seen = 0;
  #rebalances = 0;

  get samples(): Sample[] {
    return this.#samples;
  }

  ride(): void {
    this.#rides++;
  }

  retry(): void {
    this.#retries++;
  }

  /** A ride was decided so many milliseconds after it was asked for. */
  decided(age: number): void {
    this.#seen++;
    if (this.#ages.length < ages) this.#ages.push(age);
    else {
      const place = Math.floor(Math.random() * this.#seen);
      if (place < ages) this.#ages[place] = age;
    }
  }

  /** Ends a second. */
  sample(at: number, lag: Record<string, number>, rebalances: number): Sample {
    const sorted = this.#ages.sort((a, b) => a - b);
    const quantile = (q: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
    const sample: Sample = {
      at,
      rides: this.#rides,
      lag,
      p50: quantile(0.5),
      p99: quantile(0.99),
      retries: this.#retries,
      rebalances: Math.max(0, rebalances - this.#rebalances),
    };
    this.#rebalances = rebalances;
    this.#rides = this.#retries = this.#seen = 0;
    this.#ages = [];
    this.#samples = [...this.#samples, sample].slice(-kept);
    return sample;
  }
}
