import type { KafkaMessage } from 'kafkajs';
import type { Handled } from './delivery.ts';

/**
 * What was handled ahead of its turn, behind a message that failed: its effect is there, its offset cannot be committed yet. It is
 * kept in memory, so that only a crash, or the loss of the partition, lets it be handled again.
 */
export class Early {
  readonly #kept = new Map<number, Map<string, { timestamp: string; handled: Handled }>>();

  keep(partition: number, later: Map<KafkaMessage, Handled>): void {
    if (later.size === 0) return;
    const kept = this.#kept.get(partition) ?? new Map();
    for (const [{ offset, timestamp }, handled] of later) kept.set(offset, { timestamp, handled });
    this.#kept.set(partition, kept);
  }

  /** The timestamp tells a message from one that has its offset in a topic made anew. */
  of(partition: number, { offset, timestamp }: KafkaMessage): Handled | undefined {
    const found = this.#kept.get(partition)?.get(offset);
    return found?.timestamp === timestamp ? found.handled : undefined;
  }

  /** What lies before this offset is committed. */
  forgetBefore(partition: number, offset: string): void {
    const kept = this.#kept.get(partition);
    if (!kept) return;
    for (const known of kept.keys()) if (BigInt(known) < BigInt(offset)) kept.delete(known);
    if (kept.size === 0) this.#kept.delete(partition);
  }
}
