/**
 * Remembers messages that are handled before their offset can be committed: messages after a failed one, and messages with a
 * durable effect whose commit failed. They are kept in memory, so they are only handled again after a crash, or by another
 * process that gets the partition.
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

  /** The timestamp distinguishes a message from one with the same offset in a recreated topic. */
  of(partition: number, { offset, timestamp }: KafkaMessage): Handled | undefined {
    const found = this.#kept.get(partition)?.get(offset);
    return found?.timestamp === timestamp ? found.handled : undefined;
  }

  /** The messages before this offset are committed. */
  forgetBefore(partition: number, offset: string): void {
    const kept = this.#kept.get(partition);
    if (!kept) return;
    for (const known of kept.keys()) if (BigInt(known) < BigInt(offset)) kept.delete(known);
    if (kept.size === 0) this.#kept.delete(partition);
  }
}
