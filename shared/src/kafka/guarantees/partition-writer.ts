/**
 * The transactional producer of one input partition, for one partition assignment. After any error a producer is never reused,
 * not even to abort: the commit may have happened, and only the committed offset, which the next producer reads, can tell.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaErrorOf } from '../../errors.ts';
import { own } from '../../tracing/semconv.ts';
import type { BatchTrace, Tracing } from '../../tracing/spans.ts';
import { metadataMaxAge } from '../client/connect.ts';
import type { Kafka, Producer } from '../client/kafkajs.ts';
import { offsetOf } from '../client/offsets.ts';
import { asMember, isThrownOut, type Member } from '../client/transactions-v2/membership.ts';
import { expectOnce, offsetsOf, toBatch } from '../writing/batch.ts';
import { chunks } from '../writing/chunks.ts';
import type { OutgoingRecord } from '../writing/records.ts';
import { sizeOf } from '../writing/size.ts';
import {
  type AssignedPartition,
  type CommitOffset,
  type Decided,
  expectAssigned,
  type Handled,
} from './guarantee.ts';

/** A complete fetch in one request can exceed the broker's limit. */
const mostAtOnce = { items: 1000, bytes: 700_000 };

/** Kafka writes the markers after its answer; in milliseconds. */
const waitsForMarkers = [50, 200, 1000, 3000];

interface Place {
  group: string;
  topic: string;
  partition: number;
  /** The owner of the partition, as the group knows it. */
  member: Member;
}

/** How long a transaction may be open before Kafka aborts it, and how much of that a pause may take; in milliseconds. */
export interface Patience {
  transactionTimeout: number;
  longestHold: number;
}

/** A process that froze inside a transaction blocks read-committed readers for at most the timeout. */
export const atWork: Patience = { transactionTimeout: 10_000, longestHold: 8000 };

/** What a producer reads after it became the newest of its id, when no older producer can change it. */
interface Truth {
  /** Opens when not too many others are opening. */
  inTurn(open: () => Promise<Opened>): Promise<Opened>;
  /** Where the partition continues, and whether that is the committed offset; the records of a hanging transaction. */
  read(): Promise<{
    start: { offset: string; committed: boolean };
    decided: Decided;
    hanging: OutgoingRecord[];
  }>;
  /** Called when the partition assignment has ended. */
  closed(): void;
  readonly tracing: Tracing | undefined;
}

export interface Opened {
  producer: Producer;
  /** Where the partition must continue; null after it was reported. */
  start: string | null;
  decided: Decided;
}

type Transaction = Awaited<ReturnType<Producer['transaction']>>;

export class PartitionWriter implements AssignedPartition {
  longestHold: number;
  readonly #kafka: Kafka;
  readonly #place: Place;
  readonly #truth: Truth;
  #transactionTimeout: number;
  #opened: Promise<Opened> | null = null;
  /** The memory of the producer that the current batch started with. */
  #decided: Decided | null = null;
  #transaction: Transaction | null = null;
  #opening = false;
  #closed = false;

  constructor(kafka: Kafka, place: Place, truth: Truth, { transactionTimeout, longestHold }: Patience) {
    this.#kafka = kafka;
    this.#place = place;
    this.#truth = truth;
    this.#transactionTimeout = transactionTimeout;
    this.longestHold = longestHold;
  }

  /** Whether the producer is taking over. */
  get opening(): boolean {
    return this.#opening;
  }

  async begin() {
    const opened = await this.open();
    const { start } = opened;
    opened.start = null;
    this.#decided = opened.decided;
    return start;
  }

  readonly decided = {
    has: (identity: string) => this.#decided?.has(identity) ?? false,
    /** Before its transaction. If that fails, the producer is disposed of together with this memory. */
    add: (identity: string) => this.#decided?.add(identity),
  };

  async apply(handled: Handled[], _nextOffset: string, trace?: BatchTrace) {
    expectAssigned(this.#closed);
    trace?.begin(this.#transactionalId, handled.length);
    await this.#orDispose(async (producer) => {
      const begin = () => producer.transaction();
      const transaction = await (trace ? trace.step('begin transaction', begin) : begin());
      this.#transaction = transaction;
      const records = handled.flatMap(({ records }) => records);
      for (const chunk of chunks(records, sizeOf, mostAtOnce)) {
        const send = () => transaction.sendBatch(toBatch(chunk));
        const answers = await (trace ? trace.sends(chunk, send) : send());
        offsetsOf(chunk, expectOnce(answers)); // throws if something was left out
      }
    }, trace);
  }

  async commit(nextOffset: string, _commitOffset: CommitOffset, trace?: BatchTrace) {
    await this.#orDispose(async () => {
      const transaction = this.#transaction as Transaction;
      const sendOffsets = () => transaction.sendOffsets(this.#offset(nextOffset));
      const commit = () => transaction.commit();
      // After the records, because kafkajs does not retry a failed AddOffsets.
      await (trace ? trace.commits(nextOffset, sendOffsets) : sendOffsets());
      await (trace ? trace.step('commit transaction', commit) : commit());
    }, trace);
    trace?.ended();
  }

  async moveTo(offset: string) {
    expectAssigned(this.#closed);
    await this.#orDispose((producer) => this.#commitAlone(producer, offset));
  }

  close() {
    this.#closed = true;
    this.#dispose();
    this.#truth.closed();
  }

  /** Closes, and waits until the producer has left. */
  async end() {
    const opened = this.#opened;
    this.#closed = true;
    this.#opened = null;
    await (await opened)?.producer.disconnect();
  }

  open(): Promise<Opened> {
    if (this.#opened) return this.#opened;
    if (this.#closed) return Promise.reject(new Error('the partition was reassigned'));
    this.#opening = true;
    const opened = this.#truth
      .inTurn(() => this.#open())
      .finally(() => {
        this.#opening = false;
      });
    this.#opened = opened;
    opened.catch(() => {
      if (this.#opened === opened) this.#opened = null;
    });
    return opened;
  }

  async #open(): Promise<Opened> {
    expectAssigned(this.#closed);
    const producer = this.#kafka.producer({
      transactionalId: this.#transactionalId,
      transactionTimeout: this.#transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge,
    });
    try {
      await producer.connect();
      // Becomes the newest producer of this id. Older producers are fenced, and their open transaction is ended before this
      // returns.
      const abort = async () => (await producer.transaction()).abort();
      const { tracing } = this.#truth;
      const attributes = { [own.transactionalId]: this.#transactionalId };
      await (tracing ? tracing.alone('abort transaction', attributes, abort) : abort());
      const { start, decided } = await this.#whole(producer);
      if (!start.committed) await this.#commitAlone(producer, start.offset);
      return { producer, start: start.offset, decided };
    } catch (error) {
      leave(producer);
      this.#closed ||= isThrownOut(error);
      if (isTooLong(error)) {
        // The next attempt takes what every broker allows.
        this.#transactionTimeout = atWork.transactionTimeout;
        this.longestHold = atWork.longestHold;
      }
      throw new Error(`no transaction can be opened: ${(error as Error).message}`);
    }
  }

  /**
   * Reads the committed state. Ends a hanging transaction first: the abort marker of a new transaction of the same producer
   * ends it too.
   */
  async #whole(producer: Producer) {
    for (const wait of waitsForMarkers) {
      const truth = await this.#truth.read();
      if (truth.hanging.length === 0) return truth;
      const transaction = await producer.transaction();
      await transaction.sendBatch(toBatch(truth.hanging)); // any record works, because nobody ever sees it
      if (truth.start.committed) await transaction.sendOffsets(this.#offset(truth.start.offset));
      await transaction.abort();
      await sleep(wait);
    }
    throw new Error('an earlier transaction has not ended');
  }

  async #orDispose(use: (producer: Producer) => Promise<void>, trace?: BatchTrace) {
    const opened = this.#opened;
    try {
      if (!opened) throw new Error('its producer was closed');
      await use((await opened).producer);
    } catch (error) {
      if (this.#opened === opened) this.#dispose();
      this.#closed ||= isThrownOut(error); // a new producer would only fence that of the new owner
      trace?.ended(error);
      throw new Error(`the transaction failed: ${(error as Error).message}`, { cause: error });
    }
  }

  /** A transaction that contains only the offset. */
  async #commitAlone(producer: Producer, offset: string) {
    const transaction = await producer.transaction();
    await transaction.sendOffsets(this.#offset(offset));
    await transaction.commit();
  }

  get #transactionalId() {
    const { group, topic, partition } = this.#place;
    return `${group}/${topic}/${partition}`;
  }

  #offset(nextOffset: string) {
    const { group, topic, partition, member } = this.#place;
    return asMember({ consumerGroupId: group, ...offsetOf(topic, partition, nextOffset) }, member);
  }

  #dispose() {
    const opened = this.#opened;
    this.#opened = null;
    opened?.then(({ producer }) => leave(producer)).catch(() => {});
  }
}

/** Not awaited: a fenced producer, or one without its broker, may take long to disconnect, and nothing depends on it. */
function leave(producer: Producer): void {
  producer.disconnect().catch(() => {});
}

/** The broker's `transaction.max.timeout.ms` is less than the timeout that was asked for. */
const isTooLong = (error: unknown): boolean => kafkaErrorOf(error) === 'INVALID_TRANSACTION_TIMEOUT';
