/** How many offsets one mark stands for, when more arrives than can be drawn. */

/** Marks that may pass in a second before nobody can follow them. */
const followable = 24;
/** So many slots stay free behind the slowest reader, so that its triangle is seen. */
const margin = 2;

export interface Crowd {
  /** Marks that fit side by side. */
  slots: number;
  /** The largest lag on the lanes that share the scale. */
  lag: number;
  /** Offsets that the fastest of them grows by in a second. */
  rate: number;
}

/** 1, 2, 5, 10, 20, 50 …: the least with which the lag fits and the marks can be followed. */
export function wantedScale({ slots, lag, rate }: Crowd): number {
  const least = Math.max(1, lag / Math.max(1, slots - margin), rate / followable);
  for (let ten = 1; ; ten *= 10) for (const n of [ten, 2 * ten, 5 * ten]) if (n >= least) return n;
}

/** Grows at once and shrinks when less was wanted for a while, so that lanes do not breathe. */
export class Scale {
  n = 1;
  private since: number | null = null;
  private readonly calm = 3000;

  /** @param now in milliseconds @param atOnce it does not wait to shrink @returns whether it changed */
  follow(wanted: number, now: number, atOnce = false): boolean {
    if (wanted >= this.n || atOnce) {
      this.since = null;
      const changed = wanted !== this.n;
      this.n = wanted;
      return changed;
    }
    this.since ??= now;
    if (now - this.since < this.calm) return false;
    this.n = wanted;
    this.since = null;
    return true;
  }
}

/** Offsets per second, smoothed over about a second. */
export class Rate {
  value = 0;
  private last: { end: number; at: number } | null = null;

  /** @param at in milliseconds */
  see(end: number, at: number): number {
    const before = this.last;
    if (!before || end < before.end) {
      this.last = { end, at };
      this.value = 0;
      return 0;
    }
    const seconds = (at - before.at) / 1000;
    if (seconds < 0.2) return this.value;
    const weight = 1 - Math.exp(-seconds);
    this.value += ((end - before.end) / seconds - this.value) * weight;
    if (this.value < 0.05) this.value = 0;
    this.last = { end, at };
    return this.value;
  }
}
