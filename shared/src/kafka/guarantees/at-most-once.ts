/**
 * At most once: the offset becomes durable before the effect. A crash between the two loses the effect, and nothing happens
 * twice. So nothing is tried twice either.
 */
import { Once } from '../../once.ts';
import type { Service } from '../../service.ts';
import { connect } from '../client/connect.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { toBatch } from '../writing/batch.ts';
import type { AssignedPartition, CommitOffset, Effect, Guarantee, Handled } from './guarantee.ts';

export class AtMostOnce implements Guarantee {
  readonly givesUp = true;
  readonly effectStands = false;
  readonly #service: Service;
  readonly #effect: Effect | undefined;
  readonly #producer = new Once(async () => {
    const producer = connect(this.#service, 'admin').producer({
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    });
    await producer.connect();
    return producer;
  });

  constructor(service: Service, effect?: Effect) {
    this.#service = service;
    this.#effect = effect;
  }

  assign(_consumer: Consumer, _topic: string, partition: number): AssignedPartition {
    return new OffsetFirst(async (handled, nextOffset) => {
      this.#effect?.(partition, handled, nextOffset);
      await this.#send(handled);
    });
  }

  async stop() {
    await (await this.#producer.take()?.catch(() => null))?.disconnect();
  }

  async #send(handled: Handled[]) {
    const records = handled.flatMap(({ records }) => records);
    if (records.length === 0) return;
    try {
      const producer = await this.#producer.get();
      await producer.sendBatch({ ...toBatch(records), acks: 1 });
    } catch (error) {
      this.#service.log.error(
        { err: error, records: records.length },
        'records lost: at most once means no second attempt',
      );
    }
  }
}

export class OffsetFirst implements AssignedPartition {
  #closed = false;
  readonly #applyAll: (handled: Handled[], nextOffset: string) => Promise<void>;

  constructor(applyAll: (handled: Handled[], nextOffset: string) => Promise<void>) {
    this.#applyAll = applyAll;
  }

  async begin() {
    return null;
  }

  async claim(nextOffset: string, commitOffset: CommitOffset) {
    if (this.#closed) return false;
    await commitOffset(nextOffset);
    // Closed meanwhile: whoever has the partition now may have begun before this commit, and handle the same messages.
    return !this.#closed;
  }

  apply(handled: Handled[], nextOffset: string) {
    return this.#applyAll(handled, nextOffset);
  }

  async commit() {}

  close() {
    this.#closed = true;
  }
}
