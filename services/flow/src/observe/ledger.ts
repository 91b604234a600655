/**
 * The sum that must hold: every request is confirmed, rejected, dead-lettered or in flight, once; or Kafka has deleted what could
 * tell. What is neither, although its reader has passed it, is lost; what is decided again is doubled. Counted from the topics
 * alone, one byte per request.
 */
import { Recent } from '@rideflow/shared/recent.ts';
import type { Violation } from '../protocol.ts';
import type { Glance } from './glance.ts';
import { OffsetBytes } from './offset-bytes.ts';

const [waiting, confirmed, rejected, parked, lost, repeat, expired, unknown] = [1, 2, 3, 4, 5, 6, 7, 8];
/** Where each state is counted, beside those that are in no sum. */
const counters = new Map([
  [confirmed, 'confirmed'],
  [rejected, 'rejected'],
  [parked, 'deadLettered'],
  [lost, 'lost'],
  [expired, 'expired'],
  [unknown, 'noLongerKept'],
] as const);
/** Requests that are remembered by their identity, to know a repeated one. */
const remembered = 25_000;
/** Requests per partition of which a second decision is still noticed, beyond those that wait. */
const noticed = 200_000;
/** How long nothing must come of a request that its reader has passed, or that Kafka has deleted, before it counts as such, in milliseconds. */
const grace = 2000;
/** How long nothing must have come of a request whose offset is committed before that is worth showing, in milliseconds. */
const noticeable = 500;
const listed = 50;

interface Requests {
  states: OffsetBytes;
  /** Nothing below waits. */
  floor: number;
  end: number;
  /** Kafka has deleted the requests before this one. */
  start: number;
  /** Kafka has deleted decisions of this partition before any were read: up to the first request whose decision was, all are unknown. */
  cut: boolean;
  firstDecided: number | null;
  /** The newest request that something has become of. Decisions come in the order of their requests. */
  newest: number;
  /** Since when something became of a later one, while nothing became of these. */
  suspects: Map<number, number>;
  /** Since when these have been passed by their reader, while nothing became of them. */
  passed: Map<number, number>;
  /** What came of requests that were not seen yet: topics are not read in the order of their effects. */
  early: Map<number, (() => void)[]>;
}

/** Of a request that nothing has become of: its offset is committed; and it is certain that nothing will. */
export type Fate = 'passed' | 'lost';

export class Ledger {
  readonly #partitions = new Map<number, Requests>();
  readonly #identities = new Recent<{ partition: number; offset: number }>(remembered);
  #violations: Violation[] = [];
  readonly #rideAt: (coordinates: string) => string | null;
  readonly #onFate: (partition: number, offset: number, fate: Fate | null) => void;
  #totals = {
    accepted: 0,
    confirmed: 0,
    rejected: 0,
    deadLettered: 0,
    lost: 0,
    expired: 0,
    noLongerKept: 0,
    twice: 0,
  };

  /**
   * @param rideAt the ride of a request that is still known, for the list of violations
   * @param onFate called when it becomes known that a request was passed or is lost, and with null when that is no longer so
   */
  constructor(
    rideAt: (coordinates: string) => string | null,
    onFate: (partition: number, offset: number, fate: Fate | null) => void = () => {},
  ) {
    this.#rideAt = rideAt;
    this.#onFate = onFate;
  }

  fateOf(partition: number, offset: number): Fate | null {
    const requests = this.#partitions.get(partition);
    if (requests?.states.get(offset) === lost) return 'lost';
    return requests?.passed.has(offset) ? 'passed' : null;
  }

  /** Kafka deleted the request before it was decided. */
  isExpired(partition: number, offset: number): boolean {
    return this.#partitions.get(partition)?.states.get(offset) === expired;
  }

  get totals() {
    const { accepted, twice, ...ends } = this.#totals;
    const inFlight = Object.values(ends).reduce((left, count) => left - count, accepted);
    return { ...this.#totals, inFlight };
  }

  /** Newest first. */
  get violations(): Violation[] {
    return this.#violations;
  }

  /** Kafka keeps of ride_details what is from this offset on. */
  requestsKept(partition: number, start: number): void {
    this.#requests(partition).start = start;
  }

  /** The same of ride_confirmed; before what is read there is told. */
  decisionsKept(partition: number, start: number): void {
    const requests = this.#requests(partition);
    if (requests.firstDecided === null) requests.cut = start > 0;
  }

  /** A committed message on ride_details. */
  request({ partition, offset, identity, ride }: Glance): void {
    const requests = this.#requests(partition);
    if (requests.end === 0) {
      requests.floor = offset;
      for (const early of requests.early.keys()) if (early < offset) requests.early.delete(early);
    }
    requests.end = Math.max(requests.end, offset + 1);
    const first = this.#identities.get(identity);
    if (first) {
      requests.states.set(offset, repeat); // one ride, whatever became of the first
      this.#catchUp(requests, offset);
      return;
    }
    this.#identities.set(identity, { partition, offset });
    if (ride && ride !== identity) this.#identities.set(`ride ${ride}`, { partition, offset });
    requests.states.set(offset, waiting);
    this.#totals.accepted++;
    this.#catchUp(requests, offset);
    requests.states.forgetBelow(Math.min(requests.floor, offset - noticed));
  }

  /** A committed message on ride_confirmed. */
  decision(decision: Glance): void {
    if (decision.replayFor) return; // of a decision that was made before, for one reader
    const place = this.#requestOf(decision);
    if (!place) return;
    const { partition, offset } = place;
    const requests = this.#requests(partition);
    requests.firstDecided ??= offset;
    const before = requests.states.get(offset);
    if (before === 0) this.#later(partition, offset, () => this.decision(decision));
    else if (before === confirmed || before === rejected) this.#doubled(decision, place);
    else this.#becomes(partition, offset, decision.rejected ? rejected : confirmed);
  }

  /** A committed message on the dead-letter topic of transaction. */
  deadLetter(letter: Glance): void {
    const place = placeOf(letter.parkedFrom);
    if (!place) return;
    const state = this.#requests(place.partition).states.get(place.offset);
    if (state === 0) this.#later(place.partition, place.offset, () => this.deadLetter(letter));
    if (state === waiting || state === lost || state === expired || state === unknown)
      this.#becomes(place.partition, place.offset, parked);
  }

  /**
   * Looks for what is lost: passed by its reader, and nothing became of it although something became of a later one. What Kafka has
   * deleted before anything became of it has expired.
   * @param abandoned up to where, in a partition, whoever passed the requests is not there any more to do anything about them
   * @param committed up to where they are passed at all
   */
  judge(
    now: number,
    abandoned: (partition: number) => number,
    committed: (partition: number) => number = abandoned,
  ): void {
    for (const [partition, requests] of this.#partitions) {
      const { states, suspects } = requests;
      const passed = Math.max(requests.newest, abandoned(partition), Math.min(requests.start, requests.end));
      let floor = Math.max(requests.floor, states.floor);
      while (floor < requests.end && states.get(floor) !== waiting) floor++;
      requests.floor = floor;
      for (let offset = floor; offset < Math.min(committed(partition), requests.end); offset++) {
        if (states.get(offset) !== waiting) continue;
        const since = requests.passed.get(offset) ?? now;
        requests.passed.set(offset, since);
        if (now - since >= noticeable) this.#onFate(partition, offset, 'passed');
      }
      for (let offset = floor; offset < passed; offset++) {
        if (states.get(offset) !== waiting) {
          suspects.delete(offset);
          continue;
        }
        const since = suspects.get(offset) ?? now;
        suspects.set(offset, since);
        if (now - since < grace) continue;
        suspects.delete(offset);
        this.#giveUp(requests, partition, offset, now);
      }
    }
  }

  #giveUp({ start, cut, firstDecided }: Requests, partition: number, offset: number, now: number) {
    const coordinates = `ride_details/${partition}/${offset}`;
    if (offset < start) {
      this.#becomes(partition, offset, expired);
      const text = `${coordinates} expired: Kafka deleted it before transaction had decided it.`;
      this.#report('expired', coordinates, text, now);
    } else if (cut && offset < (firstDecided ?? Number.POSITIVE_INFINITY)) {
      this.#becomes(partition, offset, unknown);
    } else {
      this.#becomes(partition, offset, lost);
      const text = `${coordinates} was skipped without a decision: the ride is lost.`;
      this.#report('lost', coordinates, text, now);
    }
  }

  #requestOf({ cause, causeId, ride }: Glance): { partition: number; offset: number } | undefined {
    const known =
      this.#identities.get(causeId ?? '') ??
      this.#identities.get(`ride ${ride}`) ??
      this.#identities.get(ride ?? '');
    const place = placeOf(cause);
    // The coordinates may be those of a repeat, or of a replay: what counts is the ride.
    if (place && this.#requests(place.partition).states.get(place.offset) !== repeat) return place;
    return known ?? undefined;
  }

  /** What was read before its request counts now. */
  #catchUp({ early }: Requests, offset: number) {
    const came = early.get(offset) ?? [];
    early.delete(offset);
    for (const what of came) what();
  }

  /** Once the request is seen. One that is older than the first that was read never will be. */
  #later(partition: number, offset: number, what: () => void) {
    const { end, early } = this.#requests(partition);
    if (offset >= end) early.set(offset, [...(early.get(offset) ?? []), what]);
  }

  #becomes(partition: number, offset: number, state: number) {
    const requests = this.#requests(partition);
    const counts = this.#totals;
    const before = requests.states.get(offset);
    const [from, to] = [counters.get(before), counters.get(state)];
    if (from) counts[from]--;
    if (to) counts[to]++;
    if (before === lost || before === expired) {
      // It came after all.
      const coordinates = `ride_details/${partition}/${offset}`;
      this.#violations = this.#violations.filter(
        (one) => one.coordinates !== coordinates || one.what === 'twice',
      );
    }
    requests.states.set(offset, state);
    if (requests.passed.delete(offset) || state === lost || before === lost)
      this.#onFate(partition, offset, state === lost ? 'lost' : null);
    if (state === confirmed || state === rejected || state === parked)
      requests.newest = Math.max(requests.newest, offset);
  }

  #doubled(decision: Glance, { partition, offset }: { partition: number; offset: number }) {
    this.#totals.twice++;
    const coordinates = `ride_details/${partition}/${offset}`;
    const again = `${decision.topic}/${decision.partition}/${decision.offset}`;
    this.#report(
      'twice',
      coordinates,
      `${coordinates} is decided again by ${again}: the ride is decided twice.`,
      decision.timestamp,
    );
  }

  #report(what: Violation['what'], coordinates: string, text: string, at: number) {
    const ride = this.#rideAt(coordinates);
    this.#violations = [{ at, what, ride, coordinates, text }, ...this.#violations].slice(0, listed);
  }

  #requests(partition: number): Requests {
    let requests = this.#partitions.get(partition);
    if (!requests) {
      requests = {
        states: new OffsetBytes(),
        floor: 0,
        end: 0,
        start: 0,
        cut: false,
        firstDecided: null,
        newest: -1,
        suspects: new Map(),
        passed: new Map(),
        early: new Map(),
      };
      this.#partitions.set(partition, requests);
    }
    return requests;
  }
}

function placeOf(coordinates: string | null): { partition: number; offset: number } | undefined {
  const [, partition, offset] = /^ride_details\/(\d+)\/(\d+)$/.exec(coordinates ?? '') ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
}
