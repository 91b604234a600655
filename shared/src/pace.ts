/**
 * The pace at which a process handles messages, slow enough to watch: a delay before each message, a pause, or one message for
 * each step. A paused process stays in its group and keeps its partitions. Nothing is lost or handled twice because of the
 * pace.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Coordinates } from './reading.ts';

/** `delay`: milliseconds before each message; `step`: one message for each requested step. */
export interface PaceState {
  delay: number;
  paused: boolean;
  step: boolean;
}

/** A message that waits until the pace is resumed, or until the next step. */
export interface Held extends Pick<Coordinates, 'topic' | 'partition' | 'offset'> {
  where: 'before its handling' | 'in the open transaction';
  /** When it continues by itself, in milliseconds since 1970; missing if it waits for a person. */
  until?: number;
}

export const longestDelay = 5000;
/** How often a waiting message checks whether the process stops or lost the partition, in milliseconds. */
const tick = 50;

const acceptedDelay = `must be a whole number of milliseconds from 0 to ${longestDelay}`;
const change = z.strictObject({
  delay: z.int(acceptedDelay).min(0, acceptedDelay).max(longestDelay, acceptedDelay).optional(),
  paused: z.boolean('must be true or false').optional(),
  step: z.boolean('must be true or false').optional(),
});

/** Part of a pace. @throws Error with what is wrong and what is accepted */
export function parsePace(value: unknown): Partial<PaceState> {
  const result = change.safeParse(value);
  if (result.success) return result.data as Partial<PaceState>;
  throw new Error(
    result.error.issues
      .map(({ path: [name], message }) =>
        name === undefined
          ? 'must be a JSON object with delay, paused and step, each optional'
          : `"${String(name)}" ${message}`,
      )
      .join('; '),
  );
}

interface Waiter {
  held: Held;
  stepped: boolean;
}

export class Pace {
  /**
   * True unless the process runs at full speed. Check this before each message: at full speed, the pace costs this comparison
   * only.
   */
  on = false;
  #state: PaceState = { delay: 0, paused: false, step: false };
  readonly #changed: () => void;
  readonly #waiting = new Set<Waiter>();
  #woken = Promise.withResolvers<void>();

  /** @param changed called when the state changes, and when a message starts or stops waiting */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get state(): PaceState {
    return this.#state;
  }

  /** The messages that wait for a person, the longest wait first. */
  get held(): Held[] {
    const { paused, step } = this.#state;
    return paused || step ? [...this.#waiting].filter(({ stepped }) => !stepped).map(({ held }) => held) : [];
  }

  set(change: Partial<PaceState>): void {
    this.#state = { ...this.#state, ...change };
    const { delay, paused, step } = this.#state;
    this.on = delay > 0 || paused || step;
    this.#wake();
  }

  /**
   * Releases the message that has waited longest. @returns that message; null if none waits, and then the step has no effect
   */
  step(): Held | null {
    const first = [...this.#waiting].find(({ stepped }) => !stepped);
    if (!first) return null;
    first.stepped = true;
    this.#wake();
    return first.held;
  }

  /**
   * Waits until this message may be handled. A pause takes precedence over a step, and a step over the delay.
   * @param goesOn the wait ends when this returns false
   * @param atMost the longest wait in milliseconds, whatever the pace is
   * @returns false when the wait ended because of `goesOn`
   */
  async turn(held: Held, goesOn: () => boolean, atMost = Number.POSITIVE_INFINITY): Promise<boolean> {
    const until = Number.isFinite(atMost) && { until: Date.now() + atMost };
    const waiter = { held: { ...held, ...until }, stepped: false };
    const start = performance.now();
    this.#waiting.add(waiter);
    if (this.held.length > 0) this.#changed();
    try {
      while (goesOn()) {
        const waited = performance.now() - start;
        const left = Math.min(this.#wait(waiter) - waited, atMost - waited);
        if (left <= 0) return true;
        await Promise.race([this.#woken.promise, sleep(Math.min(left, tick), null, { ref: false })]);
      }
      return false;
    } finally {
      this.#waiting.delete(waiter);
      this.#changed();
    }
  }

  /** The total wait with the current pace, in milliseconds. */
  #wait({ stepped }: Waiter): number {
    const { delay, paused, step } = this.#state;
    if (paused || (step && !stepped)) return Number.POSITIVE_INFINITY;
    return step ? 0 : delay;
  }

  #wake() {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
    this.#changed();
  }
}
