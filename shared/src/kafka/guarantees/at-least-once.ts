/** At least once: the effect becomes durable before the offset. A crash in between repeats the effect, and nothing is lost. */
import type { Service } from '../../service.ts';
import type { BatchTrace } from '../../tracing/spans.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { type BoundedWriter, BoundedWriters } from '../writing/bounded-writer.ts';
import {
  type AssignedPartition,
  type CommitOffset,
  type Effect,
  expectAssigned,
  type Guarantee,
  type Handled,
} from './guarantee.ts';

export class AtLeastOnce implements Guarantee {
  readonly givesUp = false;
  readonly keepsHandled = true;
  readonly #writers: BoundedWriters;
  readonly #effect: Effect | undefined;

  constructor(service: Service, effect?: Effect) {
    this.#writers = new BoundedWriters(service);
    this.#effect = effect;
  }

  assign(_consumer: Consumer, _topic: string, partition: number): AssignedPartition {
    return new EffectFirst(partition, this.#writers.for(partition), this.#effect);
  }

  stop() {
    return this.#writers.stop();
  }
}

class EffectFirst implements AssignedPartition {
  #closed = false;
  readonly #partition: number;
  readonly #writer: BoundedWriter;
  readonly #effect: Effect | undefined;

  constructor(partition: number, writer: BoundedWriter, effect: Effect | undefined) {
    this.#partition = partition;
    this.#writer = writer;
    this.#effect = effect;
  }

  async begin() {
    return null;
  }

  async apply(handled: Handled[], nextOffset: string, trace?: BatchTrace) {
    const fresh = handled.filter(({ applied }) => !applied);
    await this.#writer.writeAll(
      fresh.flatMap(({ records }) => records),
      trace,
    );
    if (fresh.length === 0 || !this.#effect) return;
    const effect = () => this.#effect?.(this.#partition, fresh, nextOffset);
    if (trace) trace.stores(effect);
    else effect();
  }

  async commit(nextOffset: string, commitOffset: CommitOffset) {
    expectAssigned(this.#closed);
    await commitOffset(nextOffset);
  }

  close() {
    this.#closed = true;
  }
}
