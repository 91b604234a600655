/** What happens in a check: rides are booked, the service runs, crashes, and runs again. */

/** A ride on ride_details. */
export interface Booking {
  /** Distinguishes the rides of a scenario. Bookings with the same number are one ride that Kafka stored again. */
  number: number;
  customer: string;
  partition: number;
  /** Its `id`, if it is not a unique one. */
  id?: string;
  /** Without headers, as the tutorials' scripts write: its identity is its coordinates. */
  foreign?: true;
  /** `tok_flaky`: the payment fails twice in each process, and then is paid. */
  token?: 'tok_flaky';
  /** The bytes of the message instead of a ride, such as text that is not JSON. */
  value?: string;
}

/** One life of the service, until it has handled everything or crashes. */
export interface Life {
  /** Booked before it starts; if customers call the service, booked by them while it runs. */
  rides?: Booking[];
  /** Where it crashes, in the form of `CRASH_AT`: `after-commit:2`. */
  crash?: string;
  /**
   * It freezes at `crash` instead. Kafka removes it from the group, the next life takes over, and it wakes up when that one has
   * handled everything.
   */
  freeze?: true;
  /**
   * It is held when it starts its first transactional producer. A frozen life before it wakes up and finishes, then it goes on.
   * Give it a ride of its own, in the same partition: when that one is decided, the rides before it have been looked at.
   */
  hold?: true;
}

export interface Scenario {
  lives: Life[];
}

/**
 * Smaller scenarios to try when one has failed, the smallest first: only this ride, and a crash at its first message.
 * @param number the number of the ride that shows the failure
 */
export function smaller({ lives }: Scenario, number: number | undefined): Scenario[] {
  if (lives.some(({ hold }) => hold)) return [];
  const only = lives.map(({ rides, ...life }) => ({
    ...life,
    ...(rides && { rides: rides.filter((ride) => ride.number === number) }),
  }));
  const rides = only.flatMap(({ rides }) => rides ?? []);
  const before = lives.flatMap(({ rides }) => rides ?? []);
  const crashes = only.map(({ crash }) => crash?.replace(/:.*/, ''));
  if (rides.length === 0 || rides.length === before.length) return [];
  const points = [...new Set(crashes.filter((point) => point !== undefined))];
  if (points.length === 0) return [{ lives: only }];
  // Each crash alone, and then one life that finishes.
  return points.map((point) => ({
    lives: [{ ...only.find(({ crash }) => crash?.startsWith(point)), rides, crash: `${point}:1` }, {}],
  }));
}
