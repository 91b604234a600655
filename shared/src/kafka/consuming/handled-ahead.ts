/**
 * Messages that were handled although the partition's offset could not follow: those behind a message that failed, and those whose
 * effect is durable while the commit of their offset failed. They are kept in memory, so that only a crash, or another process that
 * gets the partition, handles them again.
 */
import type { KafkaMessage } from '../client/kafkajs.ts';
import type { Handled } from '../guarantees/guarantee.ts';

export class Ahead {
  readonly #kept = new Map<number, Map<string, { timestamp: string; handled: Handled }>>();

  keep(partition: number, messages: Iterable<[KafkaMessage, Handled]>): void {
    const kept = this.#kept.get(partition) ?? new Map();
    for (const [{ offset, timestamp }, handled] of messages) kept.set(offset, { timestamp, handled });
    if (kept.size > 0) this.#kept.set(partition, kept);
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
