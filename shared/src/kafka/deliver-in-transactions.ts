/**
 * Exactly once from topic to topic: what is written and the offset of what was read are one Kafka transaction.
 *
 * Why it holds. Only the newest producer of a transactional id can commit, there is one id per input partition, and a
 * producer starts at the committed offset that it reads after it became the newest. So every offset is in exactly one
 * committed transaction, whoever was frozen, killed or thrown out of the group in between. The id alone does the
 * fencing: kafkajs commits offsets without member id and generation, so the broker would accept them from anybody.
 */
import type { Batch, Consumer, EachBatchPayload, Producer } from 'kafkajs';
import { pass } from '../crash-points.ts';
import { longestHold } from '../pace.ts';
import { header, type RawRecord } from '../reading.ts';
import { Recent } from '../recent.ts';
import type { Service } from '../service.ts';
import { type ReaderName, topology } from '../topology.ts';
import { chunks } from './chunks.ts';
import { connect } from './client.ts';
import { type Delivery, type Handled, offsetOf } from './delivery.ts';
import { readBack } from './read-back.ts';
import { sizeOf } from './records.ts';
import { offsetsOf, toBatch } from './writer.ts';

/** A process that froze inside a transaction blocks read-committed readers for at most this long, in milliseconds. */
const transactionTimeout = 10_000;
/** kafkajs groups in quadratic time, and a whole fetch in one request can exceed the broker's limit. */
const mostAtOnce = { items: 500, bytes: 700_000 };
/** How many decided messages of a partition are remembered. */
const remembered = 10_000;

interface TransactionalWriter {
  producer: Producer;
  /** Where the group stood when this writer became the newest of its id; null: nowhere yet. */
  committed: string | null;
  /** The consumer's position was compared with it. */
  checked: boolean;
  /** What of the input is decided already, read from the output: a message that was stored twice is decided once. */
  decided: Recent<true>;
}

export class InTransactions implements Delivery {
  readonly givesUp = false;
  readonly #service: Service<ReaderName>;
  // Not the consumer's Kafka object: `sendOffsets` marks offsets as committed, before they are, in a map that all clients of one object share.
  readonly #kafka;
  readonly #admin;
  #adminConnected: Promise<void> | null = null;
  readonly #writers = new Map<number, Promise<TransactionalWriter>>();
  /**
   * The writer that each batch began with. A batch of an earlier assignment can still be in hand when the next assignment is
   * there; finished with the new writer, which starts where that batch did, its records would be written twice. And what it
   * handled, remembered in the new writer's memory, would be taken for decided and never be written.
   */
  readonly #begun = new WeakMap<Batch, { opened: Promise<TransactionalWriter>; decided: Recent<true> }>();
  #opening = 0;

  constructor(service: Service<ReaderName>) {
    this.#service = service;
    this.#kafka = connect(service, 'transact');
    this.#admin = this.#kafka.admin();
    service.readyWhen(() => (this.#opening > 0 ? 'taking over the transactions of its partitions' : null));
  }

  /** A writer never outlives an assignment. The new ones are opened at once, so that the first message does not wait for them. */
  assigned(_consumer: Consumer, topic: string, partitions: number[]) {
    for (const partition of this.#writers.keys()) this.#dispose(partition);
    for (const partition of partitions) this.#writer(topic, partition).catch(() => {}); // begin tries again
  }

  async begin(consumer: Consumer, { batch, isRunning, isStale }: EachBatchPayload) {
    const { topic, partition } = batch;
    const opened = this.#writer(topic, partition);
    const writer = await opened;
    // Disposed meanwhile: the partition was assigned anew, perhaps to another process.
    if (this.#writers.get(partition) !== opened || !isRunning() || isStale()) return false;
    this.#begun.set(batch, { opened, decided: writer.decided });
    if (writer.checked) return true;
    writer.checked = true;
    // A transaction starts exactly at the committed offset, wherever this consumer's own position was.
    const { fetchedOffset } = batch as unknown as { fetchedOffset: string };
    if (writer.committed === null || writer.committed === fetchedOffset) return true;
    consumer.seek({ topic, partition, offset: writer.committed });
    return false;
  }

  isRepeat(batch: Batch, identity: string) {
    return this.#begun.get(batch)?.decided.has(identity) ?? false;
  }

  /** Before its transaction: should that fail, the writer is disposed of, and its memory with it. */
  remember(batch: Batch, identity: string) {
    this.#begun.get(batch)?.decided.set(identity, true);
  }

  async finish({ batch, isRunning }: EachBatchPayload, handled: Handled[], nextOffset: string) {
    const { topic, partition } = batch;
    const opened = this.#begun.get(batch)?.opened;
    if (!opened || this.#writers.get(partition) !== opened)
      throw new Error('the partition was assigned anew');
    pass('before-produce');
    try {
      const transaction = await (await opened).producer.transaction();
      for (const chunk of chunks(
        handled.flatMap(({ records }) => records),
        sizeOf,
        mostAtOnce,
      ))
        offsetsOf(chunk, await transaction.sendBatch(toBatch(chunk))); // throws where something was left out
      pass('after-produce');
      const offset = handled.at(-1)?.trace?.offset;
      if (this.#service.pace.on && offset !== undefined) {
        const held = { topic, partition, offset, where: 'in the open transaction' } as const;
        await this.#service.pace.turn(held, isRunning, longestHold);
      }
      // After the records: a failed AddOffsets is not retried by kafkajs, so it had better be late.
      await transaction.sendOffsets({
        consumerGroupId: this.#service.name,
        ...offsetOf(topic, partition, nextOffset),
      });
      await transaction.commit();
      pass('after-commit');
    } catch (error) {
      // After any error the producer is never used again, not even to abort: the commit may have happened, and only the
      // committed offset, read by the next writer, can tell.
      if (this.#writers.get(partition) === opened) this.#dispose(partition);
      throw new Error(`the transaction failed: ${(error as Error).message}`);
    }
  }

  async stop() {
    const writers = [...this.#writers.values()];
    this.#writers.clear();
    await Promise.allSettled(writers.map(async (opened) => (await opened).producer.disconnect()));
    if (this.#adminConnected) await this.#admin.disconnect();
  }

  #writer(topic: string, partition: number): Promise<TransactionalWriter> {
    const existing = this.#writers.get(partition);
    if (existing) return existing;
    this.#opening++;
    const opened = this.#open(topic, partition).finally(() => this.#opening--);
    this.#writers.set(partition, opened);
    opened.catch(() => {
      if (this.#writers.get(partition) === opened) this.#writers.delete(partition);
    });
    return opened;
  }

  async #open(topic: string, partition: number): Promise<TransactionalWriter> {
    const groupId = this.#service.name;
    const producer = this.#kafka.producer({
      transactionalId: `${groupId}/${topic}/${partition}`,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    try {
      await producer.connect();
      // Becomes the newest of this id. Older writers are fenced, and their open transaction is finished before this returns.
      await (await producer.transaction()).abort();
      // Read only now, when nobody older can move it any more.
      await this.#connected();
      const [answer] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
      const offset = answer?.partitions.find((entry) => entry.partition === partition)?.offset ?? '-1';
      const decided = await this.#decided(partition);
      return { producer, committed: Number(offset) < 0 ? null : offset, checked: false, decided };
    } catch (error) {
      producer.disconnect().catch(() => {});
      throw new Error(`no transaction can be opened: ${(error as Error).message}`);
    }
  }

  async #decided(partition: number): Promise<Recent<true>> {
    const recent = new Recent<true>(remembered);
    const topic = topology[this.#service.name].writes;
    if (topic === null) return recent;
    const { low, high } = await this.#endsOf(topic, partition);
    const from = BigInt(high) - BigInt(2 * remembered); // each transaction's marker takes an offset too
    await readBack(
      this.#kafka,
      { topic, partition, from: from > BigInt(low) ? from : BigInt(low), to: BigInt(high) },
      (record) => {
        const cause = header(record as RawRecord, 'ce_causeid');
        if (cause) recent.set(cause, true);
      },
    );
    return recent;
  }

  async #endsOf(topic: string, partition: number) {
    const ends = await this.#admin.fetchTopicOffsets(topic);
    const end = ends.find((entry) => entry.partition === partition);
    if (!end) throw new Error(`${topic} has no partition ${partition}`);
    return end;
  }

  #connected() {
    this.#adminConnected ??= this.#admin.connect().catch((error) => {
      this.#adminConnected = null;
      throw error;
    });
    return this.#adminConnected;
  }

  #dispose(partition: number) {
    const opened = this.#writers.get(partition);
    this.#writers.delete(partition);
    opened?.then(abandon).catch(() => {});
  }
}

/** Not awaited: a producer that was fenced or lost its broker may take long to disconnect, and nothing depends on it. */
function abandon({ producer }: TransactionalWriter) {
  producer.disconnect().catch(() => {});
}
