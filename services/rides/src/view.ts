/**
 * What is known of each ride, from both topics. Bounded: of more rides than fit, those seen first are forgotten.
 *
 * The two topics are read side by side, so a decision may come before its request, above all after a start; the view is
 * the same in either order. Rides are told apart by their identity. The ids of foreign writers may come again, since
 * those scripts restart at 0: an id then stands for the newest ride that has it.
 */
import type { RideState } from '@rideflow/shared/http/api.ts';
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import type { Coordinates, Received } from '@rideflow/shared/reading.ts';

/** A decision without a cause belongs to a request before it; clocks of two writers may differ by so many milliseconds. */
const clockSkew = 5000;
/** So many of the newest rides are kept in order of time. */
const listed = 1000;

type Seen<T> = Pick<Received<T>, 'value' | 'identity' | 'coordinates' | 'timestamp'> & {
  causeId?: string | undefined;
};

interface Entry {
  identity: string;
  ride: RideDetails;
  /** Where the request is; null while only the decision was seen. */
  stored: Coordinates | null;
  outcome: Outcome | null;
  /** Of the message that was seen first, in milliseconds since 1970. */
  time: number;
}

interface Outcome
  extends Pick<
    RideConfirmed,
    | 'status'
    | 'payment_status'
    | 'alloted_driver'
    | 'pickup_time'
    | 'pickup_minutes'
    | 'reason'
    | 'decided_at'
  > {
  at: Coordinates;
  time: number;
  /** It names its cause, so that no other ride's decision can take its place. */
  certain: boolean;
}

export type View = ReturnType<typeof createView>;

/** @param capacity how many rides are kept */
export function createView(capacity: number) {
  const byIdentity = new Map<string, Entry>();
  /** The newest ride of each id that is not also its identity. */
  const byForeignId = new Map<string, Entry>();
  const ring: Entry[] = [];
  let oldest = 0;
  /** Ascending in time. */
  let newest: Entry[] = [];

  function add(entry: Entry): Entry {
    const { [oldest]: old } = ring;
    if (ring.length === capacity && old) {
      if (byIdentity.get(old.identity) === old) byIdentity.delete(old.identity);
      if (byForeignId.get(old.ride.id) === old) byForeignId.delete(old.ride.id);
      ring[oldest] = entry;
      oldest = (oldest + 1) % capacity;
    } else ring.push(entry);
    index(entry);
    let place = newest.length;
    while (place > 0 && (newest[place - 1] as Entry).time > entry.time) place--;
    newest.splice(place, 0, entry);
    if (newest.length > 2 * listed) newest = newest.slice(-listed);
    return entry;
  }

  function index(entry: Entry) {
    byIdentity.set(entry.identity, entry);
    const { id } = entry.ride;
    if (id === entry.identity) return;
    const other = byForeignId.get(id);
    if (!other || other.time <= entry.time) byForeignId.set(id, entry);
  }

  function find(id: string): Entry | undefined {
    const own = byIdentity.get(id);
    const foreign = byForeignId.get(id);
    return own && foreign ? (own.time > foreign.time ? own : foreign) : (own ?? foreign);
  }

  return {
    /** A message of `ride_details`. Of several with one identity the first counts: the partition has decided. */
    request({ value, identity, coordinates, timestamp }: Seen<RideDetails>): void {
      let entry = byIdentity.get(identity);
      if (entry?.stored) return;
      const ahead = entry ?? find(value.id);
      if (ahead && !ahead.stored && ahead.time >= timestamp - clockSkew) {
        byIdentity.delete(ahead.identity);
        entry = ahead;
        entry.identity = identity;
        entry.ride = value;
        entry.stored = coordinates;
        index(entry);
      } else add({ identity, ride: value, stored: coordinates, outcome: null, time: timestamp });
    },

    /** A message of `ride_confirmed`. It belongs to the ride that it names as its cause, or else to that with its id. */
    decision({ value, identity, coordinates, timestamp, causeId }: Seen<RideConfirmed>): void {
      const certain = causeId !== undefined;
      const entry = certain ? byIdentity.get(causeId) : find(value.id);
      const outcome = outcomeOf(value, coordinates, timestamp, certain);
      if (!entry) {
        add({
          identity: causeId ?? identity,
          ride: rideIn(value),
          stored: null,
          outcome,
          time: timestamp,
        });
      } else if (certain) {
        if (!entry.outcome?.certain) entry.outcome = outcome;
      } else if (
        !entry.outcome?.certain &&
        timestamp >= entry.time - clockSkew &&
        timestamp >= (entry.outcome?.time ?? 0)
      )
        entry.outcome = outcome;
    },

    /** The ride with this id, or undefined when it is unknown or forgotten. */
    get(id: string): RideState | undefined {
      const entry = find(id);
      return entry && stateOf(entry);
    },

    /** The first message of `ride_details` with this identity. */
    first(identity: string): { ride: RideDetails; stored: Coordinates } | undefined {
      const entry = byIdentity.get(identity);
      return entry?.stored ? { ride: entry.ride, stored: entry.stored } : undefined;
    },

    /** The newest rides, newest first. */
    list(limit: number): RideState[] {
      const kept = newest.filter((entry) => byIdentity.get(entry.identity) === entry);
      return kept.slice(-limit).reverse().map(stateOf);
    },

    get size() {
      return ring.length;
    },
  };
}

const rideIn = (value: RideConfirmed): RideDetails => ({
  id: value.id,
  customer_id: value.customer_id,
  location: value.location,
  customer_email: value.customer_email,
  requested_at: value.requested_at,
});

const outcomeOf = (value: RideConfirmed, at: Coordinates, time: number, certain: boolean): Outcome => ({
  status: value.status,
  payment_status: value.payment_status,
  alloted_driver: value.alloted_driver,
  pickup_time: value.pickup_time,
  pickup_minutes: value.pickup_minutes,
  reason: value.reason,
  decided_at: value.decided_at,
  at,
  time,
  certain,
});

const stateOf = ({ ride, stored, outcome }: Entry): RideState => ({
  id: ride.id,
  customer_id: ride.customer_id,
  customer_email: ride.customer_email,
  location: ride.location,
  status: outcome?.status ?? 'requested',
  payment_status: outcome?.payment_status ?? null,
  alloted_driver: outcome?.alloted_driver ?? null,
  pickup_time: outcome?.pickup_time ?? null,
  pickup_minutes: outcome?.pickup_minutes ?? null,
  reason: outcome?.reason ?? null,
  requested_at: ride.requested_at,
  decided_at: outcome?.decided_at ?? null,
  stored,
  decided: outcome?.at ?? null,
});
