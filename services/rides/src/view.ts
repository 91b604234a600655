/**
 * The state of each ride, from both topics. Bounded: the oldest rides are dropped.
 *
 * The two topics are read in parallel, so a decision can arrive before its request, especially after a start. The view does
 * not depend on the order. Rides are distinguished by their identity. Ids of foreign writers can repeat, because those scripts
 * restart at 0. Such an id means the newest ride with it, and a decision without a cause belongs to the newest request with
 * its id.
 */

import type { RideState } from '@rideflow/shared/http/api.ts';
import type { RideConfirmed, RideDetails } from '@rideflow/shared/messages.ts';
import type { Coordinates, Received } from '@rideflow/shared/reading.ts';
import { Recent } from '@rideflow/shared/recent.ts';
import { type Outcome, outcomeOf, rideIn, stateOf } from './state.ts';
import { Youngest } from './youngest.ts';

/**
 * The largest difference between the clocks of two writers, in milliseconds. A decision without a cause comes after its
 * request.
 */
const clockSkew = 5000;
/** The number of newest rides that are kept sorted by time. */
const listed = 1000;

type Seen<T> = Pick<Received<T>, 'value' | 'identity' | 'coordinates' | 'timestamp'>;

interface Entry {
  identity: string;
  ride: RideDetails;
  /** Coordinates of the request; null while only the decision is known. */
  stored: Coordinates | null;
  /** The decision that names this ride as its cause. */
  outcome: Outcome | null;
  /** Time of the request, if known, in milliseconds since 1970. */
  time: number;
}

interface Loose {
  ride: RideDetails;
  outcome: Outcome;
  time: number;
}

export type View = ReturnType<typeof createView>;

/**
 * @param capacity the number of rides to keep
 * @param isKept whether Kafka still keeps the message at these coordinates
 */
export function createView(capacity: number, isKept: (at: Coordinates) => boolean = () => true) {
  let entries = new Youngest<Entry>(capacity);
  /** The newest ride of each id that is not also its identity. */
  const byForeignId = new Map<string, Entry>();
  /** The newest decision without a cause, by the ride's id. */
  let loose = new Recent<Loose>(capacity);
  /** Ascending in time. */
  let newest: { id: string; time: number }[] = [];
  /** The offset of the last decided request of each partition. */
  const decidedUpTo = new Map<number, number>();

  function add(entry: Entry): void {
    const gone = entries.add(entry.identity, entry, entry.time);
    if (gone === entry) return; // older than all other rides
    if (gone && byForeignId.get(gone.ride.id) === gone) byForeignId.delete(gone.ride.id);
    index(entry);
    note(entry.ride.id, entry.time);
  }

  function index(entry: Entry): void {
    const { id } = entry.ride;
    if (id === entry.identity) return;
    const other = byForeignId.get(id);
    if (!other || other.time <= entry.time) byForeignId.set(id, entry);
  }

  function note(id: string, time: number): void {
    let place = newest.length;
    while (place > 0 && (newest[place - 1]?.time ?? 0) > time) place--;
    newest.splice(place, 0, { id, time });
    if (newest.length > 2 * listed) newest = newest.slice(-listed);
  }

  function outcomeFor({ ride, outcome, time }: Entry): Outcome | null {
    if (outcome) return outcome;
    const decision = loose.get(ride.id);
    return decision && decision.time >= time - clockSkew ? decision.outcome : null;
  }

  function get(id: string): RideState | undefined {
    const [own, foreign] = [entries.get(id), byForeignId.get(id)];
    const entry = own && foreign && foreign.time > own.time ? foreign : (own ?? foreign);
    if (!entry) {
      const decision = loose.get(id);
      return decision && stateOf(decision.ride, null, decision.outcome);
    }
    const { ride, stored } = entry;
    return stateOf(ride, stored, outcomeFor(entry), !stored || isKept(stored));
  }

  function passed({ stored, outcome }: Entry): void {
    if (!stored || !outcome) return;
    const before = decidedUpTo.get(stored.partition) ?? -1;
    decidedUpTo.set(stored.partition, Math.max(before, Number(stored.offset)));
  }

  return {
    /** Adds a message of `ride_details`. Of several with the same identity, the first in the partition counts. */
    request({ value, identity, coordinates, timestamp }: Seen<RideDetails>): void {
      const entry = entries.get(identity);
      if (!entry) {
        // One string instead of two equal ones, because there are many rides in memory.
        const key = identity === value.id ? value.id : identity;
        add({ identity: key, ride: value, stored: coordinates, outcome: null, time: timestamp });
      } else if (!entry.stored) {
        Object.assign(entry, { ride: value, stored: coordinates, time: timestamp });
        index(entry);
        passed(entry);
      }
    },

    /** Adds a message of `ride_confirmed`. Of several with the same cause, the first counts. */
    decision({
      value,
      coordinates,
      timestamp,
      causeId,
    }: Seen<RideConfirmed> & { causeId?: string | undefined }): void {
      if (causeId === undefined) {
        const outcome = outcomeOf(value, coordinates);
        const other = loose.get(value.id);
        if (!other) note(value.id, timestamp);
        if (!other || other.time <= timestamp)
          loose.set(value.id, { ride: rideIn(value), outcome, time: timestamp });
        return;
      }
      const entry = entries.get(causeId);
      const outcome = outcomeOf(value, coordinates, entry?.ride);
      if (entry) {
        entry.outcome ??= outcome;
        passed(entry);
      } else {
        const time = Math.min(timestamp, Date.parse(value.requested_at));
        add({ identity: causeId, ride: rideIn(value), stored: null, outcome, time });
      }
    },

    /** The ride with this id; undefined if it is unknown or was dropped. */
    get,

    /** The first message of `ride_details` with this identity. */
    first(identity: string): { ride: RideDetails; stored: Coordinates } | undefined {
      const entry = entries.get(identity);
      return entry?.stored ? { ride: entry.ride, stored: entry.stored } : undefined;
    },

    /** The newest rides, newest first; at most 1000. */
    list(limit: number): RideState[] {
      const rides = new Map<string, RideState>();
      for (let n = newest.length - 1; n >= 0 && rides.size < limit; n--) {
        const id = newest[n]?.id ?? '';
        const state = rides.has(id) ? undefined : get(id);
        if (state) rides.set(id, state);
      }
      return [...rides.values()];
    },

    /**
     * How many rides wait for their decision, and since when the oldest does (milliseconds since 1970; null if none waits).
     * A ride does not wait if a later one of its partition is decided: the former is a dead letter, or lost.
     */
    waiting(): { rides: number; since: number | null } {
      let [rides, since] = [0, Number.POSITIVE_INFINITY];
      for (const entry of entries.values()) {
        const { stored, time } = entry;
        if (!stored || outcomeFor(entry) || !isKept(stored)) continue;
        if (Number(stored.offset) < (decidedUpTo.get(stored.partition) ?? 0)) continue;
        rides++;
        since = Math.min(since, time);
      }
      return { rides, since: rides > 0 ? since : null };
    },

    /** Clears the view, because the topics were recreated. */
    forget(): void {
      decidedUpTo.clear();
      entries = new Youngest(capacity);
      loose = new Recent(capacity);
      byForeignId.clear();
      newest = [];
    },

    /** The number of rides in the view. */
    get size(): number {
      return entries.size;
    },
  };
}
