/**
 * At most once: the offset becomes durable before the effect. A crash in between loses the effect, and nothing happens twice.
 * So there are no retries.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Once } from '../../once.ts';
import type { Service } from '../../service.ts';
import type { ReaderName } from '../../topology.ts';
import type { BatchTrace } from '../../tracing/spans.ts';
import { connect } from '../client/connect.ts';
import type { Consumer } from '../client/kafkajs.ts';
import { deadLetterKeeper } from '../ensure-topics.ts';
import { toBatch } from '../writing/batch.ts';
import { chunks } from '../writing/chunks.ts';
import type { OutgoingRecord } from '../writing/records.ts';
import { sizeOf } from '../writing/size.ts';
import type { AssignedPartition, CommitOffset, Effect, Guarantee, Handled } from './guarantee.ts';

/** One request must not exceed the limit of a topic. */
const mostAtOnce = { items: 500, bytes: 700_000 };

/** How long a producer may take to notice a new partition, and how long to wait for it, in milliseconds. */
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
    return new OffsetFirst(async (handled, nextOffset, trace) => {
      const effect = () => this.#effect?.(partition, handled, nextOffset);
      if (trace && this.#effect) trace.stores(effect);
      else effect();
      const records = handled.flatMap(({ records }) => records);
      if (records.length === 0) return;
      const send = () => this.#send(records);
      await (trace ? trace.sends(records, send) : send());
    });
  }

  async stop() {
    await (await this.#producer.take()?.catch(() => null))?.disconnect();
  }

  async #send(records: OutgoingRecord[]) {
    try {
      let rest = await this.#write(records);
      for (let waited = 0; rest.length > 0 && waited < longestUnheard; waited += unheard) {
        await sleep(unheard);
        rest = await this.#write(rest); // nothing was sent, so this is their first attempt
      }
      if (rest[0]) throw new Error(`${rest[0].topic} has no partition ${rest[0].partition}`);
    } catch (error) {
      this.#service.log.error(
        { err: error, records: records.length },
        'records lost: with at-most-once there is no second attempt',
      );
      await this.#restoreDeadLetters();
    }
  }

  /** Returns the records for partitions that the producer does not know yet, because kafkajs silently drops them. */
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
  readonly #applyAll: AssignedPartition['apply'];

  constructor(applyAll: AssignedPartition['apply']) {
    this.#applyAll = applyAll;
  }

  async begin() {
    return null;
  }

  async claim(nextOffset: string, commitOffset: CommitOffset) {
    if (this.#closed) return false;
    await commitOffset(nextOffset);
    // Closed meanwhile: the new owner of the partition may have started before this commit, and may handle the same messages.
    return !this.#closed;
  }

  apply(handled: Handled[], nextOffset: string, trace?: BatchTrace) {
    return this.#applyAll(handled, nextOffset, trace);
  }

  async commit() {}

  close() {
    this.#closed = true;
  }
}
