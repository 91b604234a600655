/**
 * At most once: the offset becomes durable before the effect. A crash between the two loses the effect, and nothing happens
 * twice. So nothing is tried twice either.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../../once.ts';
import type { Service } from '../../service.ts';
import type { ReaderName } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { deadLetterKeeper } from '../ensure-topics.ts';
import { toBatch } from '../writing/batch.ts';
import { chunks } from '../writing/chunks.ts';
import type { OutgoingRecord } from '../writing/records.ts';
import { sizeOf } from '../writing/size.ts';
import type { AssignedPartition, CommitOffset, Effect, Guarantee, Handled } from './guarantee.ts';

/** One request must not exceed what a topic takes. */
const mostAtOnce = { items: 500, bytes: 700_000 };

/** How long a partition may be there without the producer's knowing of it, and how long it is waited for, in milliseconds. */
const unheard = 1000;
const longestUnheard = 3000;

export class AtMostOnce implements Guarantee {
  readonly givesUp = true;
  readonly keepsHandled = false;
  readonly #service: Service;
  readonly #effect: Effect | undefined;
  readonly #restoreDeadLetters: () => Promise<void>;
  readonly #producer = new Once(async () => {
    const producer = connect(this.#service, 'admin').producer({
      allowAutoTopicCreation: false,
      metadataMaxAge: unheard,
      retry: { retries: 0 },
    });
    await producer.connect();
    return producer;
  });

  constructor(service: Service<ReaderName>, effect?: Effect) {
    this.#service = service;
    this.#restoreDeadLetters = deadLetterKeeper(service);
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
      let rest = await this.#write(records);
      for (let waited = 0; rest.length > 0 && waited < longestUnheard; waited += unheard) {
        await sleep(unheard);
        rest = await this.#write(rest); // nothing of them was tried, so this is their first attempt
      }
      if (rest[0]) throw new Error(`${rest[0].topic} has no partition ${rest[0].partition}`);
    } catch (error) {
      this.#service.log.error(
        { err: error, records: records.length },
        'records lost: at most once means no second attempt',
      );
      await this.#restoreDeadLetters();
    }
  }

  /** Returns those for partitions that the producer has not heard of yet: kafkajs leaves them out without a word. */
  async #write(records: OutgoingRecord[]): Promise<OutgoingRecord[]> {
    const producer = await this.#producer.get();
    const written = new Set<string>();
    for (const chunk of chunks(records, sizeOf, mostAtOnce)) {
      const answers = await producer.sendBatch({ ...toBatch(chunk), acks: 1 });
      for (const { topicName, partition } of answers) written.add(`${topicName}/${partition}`);
    }
    return records.filter(({ topic, partition }) => !written.has(`${topic}/${partition}`));
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
