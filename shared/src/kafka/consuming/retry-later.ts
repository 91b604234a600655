/**
 * Retries after a failure: the partition pauses, longer each time, and retries until it succeeds. The other partitions
 * continue, and the partition keeps its order.
 */
import type { BatchInHand } from './batch-in-hand.ts';
import type { Report } from './report.ts';

/** Waits before a retry, in milliseconds: growing, and bounded. */
const firstWait = 100;
const longestWait = 10_000;

/** The message that the partition retries. */
type Head = { offset: string };

export class Waiting {
  readonly #report: Report;
  /** Consecutive failures of each partition, at the offset of its head. */
  readonly #failures = new Map<number, { offset: string; count: number }>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** Number of consecutive failures of the message at the head of the partition; 0 for any other message. */
  failuresAt(partition: number, { offset }: Head): number {
    const known = this.#failures.get(partition);
    return known?.offset === offset ? known.count : 0;
  }

  /** Pauses the partition, and resumes it after the wait. */
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

  /** Forgets partitions that are no longer assigned to this reader, and reports that the new ones do not wait. */
  keepOnly(partitions: number[]): void {
    for (const partition of this.#failures.keys())
      if (!partitions.includes(partition)) this.succeeded(partition);
    for (const partition of partitions) if (!this.#failures.has(partition)) this.#report.goesOn(partition);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
