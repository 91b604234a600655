/**
 * Finds overtaken rides: those decided after a ride of the same customer that was stored later. That cannot happen within a
 * partition. It can happen between partitions if the rides of one customer are written without a key.
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
  /** A ride that was stored later and decided earlier. */
  by: DecidedRide;
}

/** The number of recent rides of one customer that are compared with a new one. */
const compared = 64;

export class Overtaking {
  readonly #customers: Recent<(DecidedRide & { overtaken: boolean })[]>;
  #count = 0;

  /** @param customers the number of customers to remember */
  constructor(customers: number) {
    this.#customers = new Recent(customers);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a ride, in any order. Of several decisions of a ride, the first counts. @returns the newly overtaken rides */
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
