/** The order of one customer's rides, as it was kept: rides that a later one has overtaken. */
import { type Overtaken, Overtaking } from '@rideflow/shared/overtaken.ts';
import type { Violation } from '../protocol.ts';
import type { Glance } from './glance.ts';

const customers = 2000;
/** The newest that are listed: without keys there are many. */
const listed = 5;

export class Order {
  readonly #overtaking = new Overtaking(customers);
  /** By the coordinates of the overtaken request; the newest. */
  readonly #by = new Map<string, Overtaken>();
  #violations: Violation[] = [];

  get count(): number {
    return this.#overtaking.count;
  }

  /** Newest first. */
  get violations(): Violation[] {
    return this.#violations;
  }

  /** By which ride a request was overtaken. */
  of(coordinates: string): Overtaken | undefined {
    return this.#by.get(coordinates);
  }

  /** A committed decision. @param request the ride, where it is known @param rideAt the id of a ride by its request */
  decision(
    { customer, cause, requestedAt, timestamp }: Glance,
    request: Glance | undefined,
    rideAt: (coordinates: string) => string | null,
  ): void {
    const [, partition] = /^ride_details\/(\d+)\/\d+$/.exec(cause ?? '') ?? [];
    const stored = request?.timestamp ?? requestedAt;
    if (partition === undefined || cause === null || customer === null || stored === null) return;
    const ride = { customer, partition: Number(partition), coordinates: cause, stored, decided: timestamp };
    for (const found of this.#overtaking.add(ride)) {
      const { coordinates, decided } = found.ride;
      this.#by.set(coordinates, found);
      if (this.#by.size > customers) this.#by.delete(this.#by.keys().next().value as string);
      const text = `${coordinates} was decided ${sentence(found)}.`;
      const violation: Violation = {
        at: decided,
        what: 'overtaken',
        ride: rideAt(coordinates),
        coordinates,
        text,
      };
      this.#violations = [violation, ...this.#violations].slice(0, listed);
    }
  }
}

/** `12 ms after ride_details/1/7, which user_3 requested later` */
export const sentence = ({ ride, by }: Overtaken): string =>
  `${ride.decided - by.decided} ms after ${by.coordinates}, which ${by.customer} requested later`;
