/**
 * Which rides were overtaken: decided after a ride of the same customer that was stored later. Within a partition that cannot happen;
 * it can between partitions, over which the rides of one customer spread when they are written without a key.
 */
import { Recent } from './recent.ts';

export interface DecidedRide {
  customer: string;
  /** Of its request. */
  partition: number;
  /** Of its request. */
  coordinates: string;
  /** When the request and the decision were written, in milliseconds since 1970. */
  stored: number;
  decided: number;
}

export interface Overtaken {
  ride: DecidedRide;
  /** One that was stored later and decided earlier. */
  by: DecidedRide;
}

/** The latest rides of one customer that are compared with a new one. */
const compared = 32;

export class Overtaking {
  readonly #customers: Recent<(DecidedRide & { overtaken: boolean })[]>;
  #count = 0;

  /** @param customers that are remembered */
  constructor(customers: number) {
    this.#customers = new Recent(customers);
  }

  get count(): number {
    return this.#count;
  }

  /** Rides may come in any order; one that is decided again counts as it was decided first. @returns those that are overtaken, newly */
  add(ride: DecidedRide): Overtaken[] {
    const others = this.#customers.get(ride.customer) ?? [];
    if (others.length === 0) this.#customers.set(ride.customer, others);
    if (others.some(({ coordinates }) => coordinates === ride.coordinates)) return [];
    const added = { ...ride, overtaken: false };
    const found: Overtaken[] = [];
    const see = (one: typeof added, by: typeof added) => {
      if (one.overtaken || one.partition === by.partition) return;
      if (one.stored >= by.stored || one.decided <= by.decided) return;
      one.overtaken = true;
      found.push({ ride: one, by });
    };
    for (const other of others) {
      see(added, other);
      see(other, added);
    }
    others.push(added);
    if (others.length > compared) others.shift();
    this.#count += found.length;
    return found;
  }
}
