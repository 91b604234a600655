/** At most once and at least once: the offset is committed before the effect, or after it. */
import type { Batch, Consumer, EachBatchPayload, Producer } from 'kafkajs';
import { pass } from '../crash-points.ts';
import type { Service } from '../service.ts';
import { connect } from './client.ts';
import { type Delivery, type Effect, type Handled, offsetOf } from './delivery.ts';
import { toBatch, Writer } from './writer.ts';

/** A crash between the effect and the commit repeats the effect: nothing is lost. */
export class AtLeastOnce implements Delivery {
  readonly givesUp = false;
  readonly #writer: Writer;
  readonly #effect: Effect | undefined;

  constructor(service: Service, effect?: Effect) {
    this.#writer = new Writer(service);
    this.#effect = effect;
  }

  assigned() {}

  async begin(_consumer: Consumer, _payload: EachBatchPayload) {
    return true;
  }

  async finish(
    { batch, commitOffsetsIfNecessary }: EachBatchPayload,
    handled: Handled[],
    nextOffset: string,
  ) {
    pass('before-produce');
    await Promise.all(handled.flatMap(({ records }) => records).map((record) => this.#writer.write(record)));
    this.#effect?.(batch, handled, nextOffset);
    pass('after-produce');
    await commitOffsetsIfNecessary(offsetOf(batch.topic, batch.partition, nextOffset));
    pass('after-commit');
  }

  stop() {
    return this.#writer.stop();
  }
}

/** A crash between the commit and the effect loses the effect: nothing happens twice. So nothing is tried twice either. */
export class AtMostOnce implements Delivery {
  readonly givesUp = true;
  readonly #service: Service;
  readonly #effect: Effect | undefined;
  #producer: Promise<Producer> | null = null;
  #assignment = 0;
  /** The assignment that each batch began in. */
  readonly #begun = new WeakMap<Batch, number>();

  constructor(service: Service, effect?: Effect) {
    this.#service = service;
    this.#effect = effect;
  }

  assigned() {
    this.#assignment++;
  }

  async begin(_consumer: Consumer, { batch }: EachBatchPayload) {
    this.#begun.set(batch, this.#assignment);
    return true;
  }

  async claim({ batch, commitOffsetsIfNecessary }: EachBatchPayload, nextOffset: string) {
    const isOurs = () => this.#begun.get(batch) === this.#assignment;
    if (!isOurs()) return false;
    await commitOffsetsIfNecessary(offsetOf(batch.topic, batch.partition, nextOffset));
    pass('after-commit');
    // Assigned anew meanwhile: whoever has the partition now may have begun before this commit, and handle the same messages.
    return isOurs();
  }

  async finish({ batch }: EachBatchPayload, handled: Handled[], nextOffset: string) {
    pass('before-produce');
    this.#effect?.(batch, handled, nextOffset);
    const records = handled.flatMap(({ records }) => records);
    if (records.length === 0) return;
    try {
      const producer = await this.#connected();
      await producer.sendBatch({ ...toBatch(records), acks: 1 });
      pass('after-produce');
    } catch (error) {
      this.#service.log.error(
        { err: error, records: records.length },
        'records lost: at most once means no second attempt',
      );
    }
  }

  async stop() {
    await (await this.#producer)?.disconnect();
  }

  #connected() {
    this.#producer ??= (async () => {
      const producer = connect(this.#service, 'admin').producer({
        allowAutoTopicCreation: false,
        retry: { retries: 0 },
      });
      await producer.connect();
      return producer;
    })();
    return this.#producer;
  }
}
