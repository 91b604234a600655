/**
 * What happens after a failure: the partition pauses and tries again, longer each time, for as long as it takes. The other partitions
 * go on, and its own order is kept.
 */
import type { BatchInHand } from './batch-in-hand.ts';
import type { Report } from './report.ts';

/** Waits before a paused partition is tried again, in milliseconds: growing, and bounded. */
const firstWait = 100;
const longestWait = 10_000;

/** The message that a partition waits for. */
type Head = { offset: string };

export class Waiting {
  readonly #report: Report;
  /** Consecutive failures per partition, at the offset that its head has. */
  readonly #failures = new Map<number, { offset: string; count: number }>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** How often the message at the head of the partition has failed in a row; 0 for any other message. */
  failuresAt(partition: number, { offset }: Head): number {
    const known = this.#failures.get(partition);
    return known?.offset === offset ? known.count : 0;
  }

  /** Pauses the partition, and fetches from it again after the wait. */
  tryLater(hand: BatchInHand, head: Head, error: unknown): void {
    const { partition } = hand.batch;
    const count = this.failuresAt(partition, head) + 1;
    this.#failures.set(partition, { offset: head.offset, count });
    const wait = Math.min(firstWait * 2 ** (count - 1), longestWait);
    this.#report.retry(hand.batch, head, error as Error, count, wait);
    const resume = hand.pause();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      resume();
    }, wait);
    this.#timers.add(timer);
  }

  succeeded(partition: number): void {
    if (this.#failures.delete(partition)) this.#report.goesOn(partition);
  }

  /** Forgets the partitions that this reader has no longer. */
  keepOnly(partitions: number[]): void {
    for (const partition of this.#failures.keys())
      if (!partitions.includes(partition)) this.succeeded(partition);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
