/**
 * The running statistics: one tally for all rides, for each driver, for each area, and for each minute and hour of the
 * requests. Pure: no clock, no file, no Kafka. The result depends only on which rides were counted, and not on the order of
 * delivery. The exception: with too many drivers or areas, the order decides which of them get their own row.
 */
import type { Ride } from './ride.ts';
import { addRide, emptyTally, type Tally } from './tally.ts';

export const minute = 60_000;
export const hour = 60 * minute;

/** First millisecond of the window with this length that contains a time. */
export const startOf = (at: number, length: number) => Math.floor(at / length) * length;

/**
 * The limits. A window that ended longer than this before the newest ride is deleted; a later ride for it still counts in all
 * other tallies. The first drivers and areas get their own tally. The rides of any others are summed in `others`, so the
 * totals over drivers and areas are exact.
 */
export const limits = { minutes: 24 * 60, hours: 7 * 24, drivers: 1000, areas: 2000 };

/** The key for every driver or area beyond the limit. No driver and no H3 cell has this name. */
export const others = '(others)';

export const scopes = ['all', 'driver', 'area', 'minute', 'hour'] as const;
export type Scope = (typeof scopes)[number];
/** One tally with its scope and key. The key of a window is its first millisecond since 1970, as a decimal string. */
export type Row = { scope: Scope; key: string; tally: Tally };

export class Statistics {
  readonly all = emptyTally();
  readonly drivers = new Map<string, Tally>();
  readonly areas = new Map<string, Tally>();
  /** By the window's first millisecond. */
  readonly minutes = new Map<number, Tally>();
  readonly hours = new Map<number, Tally>();
  /** First millisecond of the newest minute with a ride; -Infinity before the first one. */
  newestMinute = Number.NEGATIVE_INFINITY;
  #changed = new Map<Tally, { scope: Scope; key: string | number }>();
  #removed: { scope: Scope; key: string }[] = [];

  count(ride: Ride): void {
    this.#add(this.all, 'all', '', ride);
    if (ride.driver !== null) this.#countNamed(this.drivers, 'driver', ride.driver, limits.drivers, ride);
    if (ride.area !== null) this.#countNamed(this.areas, 'area', ride.area, limits.areas, ride);
    const at = startOf(ride.at, minute);
    if (at > this.newestMinute) this.#advance(at);
    this.#countWindow(this.minutes, 'minute', at, this.newestMinute - limits.minutes * minute, ride);
    const hourAt = startOf(ride.at, hour);
    this.#countWindow(this.hours, 'hour', hourAt, this.#oldestHour(), ride);
  }

  /** The changes since the last call: rows to write and rows to delete. A batch of any size changes few rows. */
  takeChanges(): { changed: Row[]; removed: { scope: Scope; key: string }[] } {
    const changed = [...this.#changed].map(([tally, { scope, key }]) => ({ scope, key: String(key), tally }));
    const removed = this.#removed;
    this.#changed = new Map();
    this.#removed = [];
    return { changed, removed };
  }

  /** Restores a stored row at the start. */
  restore({ scope, key, tally }: Row): void {
    if (scope === 'all') Object.assign(this.all, tally);
    else if (scope === 'driver') this.drivers.set(key, tally);
    else if (scope === 'area') this.areas.set(key, tally);
    else if (scope === 'hour') this.hours.set(Number(key), tally);
    else {
      this.minutes.set(Number(key), tally);
      this.newestMinute = Math.max(this.newestMinute, Number(key));
    }
  }

  #oldestHour() {
    return startOf(this.newestMinute, hour) - limits.hours * hour;
  }

  #countNamed(tallies: Map<string, Tally>, scope: Scope, name: string, limit: number, ride: Ride) {
    let tally = tallies.get(name);
    let key = name;
    if (!tally && tallies.size >= limit) {
      key = others;
      tally = tallies.get(others);
    }
    if (!tally) {
      tally = emptyTally();
      tallies.set(key, tally);
    }
    this.#add(tally, scope, key, ride);
  }

  #countWindow(tallies: Map<number, Tally>, scope: Scope, at: number, oldest: number, ride: Ride) {
    if (at <= oldest) return;
    let tally = tallies.get(at);
    if (!tally) {
      tally = emptyTally();
      tallies.set(at, tally);
    }
    this.#add(tally, scope, at, ride);
  }

  #add(tally: Tally, scope: Scope, key: string | number, ride: Ride) {
    addRide(tally, ride);
    if (!this.#changed.has(tally)) this.#changed.set(tally, { scope, key });
  }

  #advance(at: number) {
    this.newestMinute = at;
    this.#giveUp(this.minutes, 'minute', at - limits.minutes * minute);
    this.#giveUp(this.hours, 'hour', this.#oldestHour());
  }

  #giveUp(tallies: Map<number, Tally>, scope: Scope, oldest: number) {
    for (const [at, tally] of tallies) {
      if (at > oldest) continue;
      tallies.delete(at);
      this.#changed.delete(tally);
      this.#removed.push({ scope, key: String(at) });
    }
  }
}
