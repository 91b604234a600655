/**
 * Writes the replays of one partition and their marks in transactions.
 *
 * On `ride_confirmed` and on the dead-letter topic of transaction, this is a second transactional writer besides the
 * transaction service. Unpatched kafkajs delivers records of two overlapping transactions that are both aborted.
 * shared/src/kafka/client/repairs/aborted-transactions.ts repairs that for our readers. For foreign readers the overlap is
 * rare: everything is read and prepared before a transaction begins, a transaction is open for two sends only, and it is
 * aborted only if this process is killed or fenced in these milliseconds.
 */

import type { Kafka, Producer } from '../kafka/client/kafkajs.ts';
import { expectOnce, offsetsOf, toBatch } from '../kafka/writing/batch.ts';
import { chunks } from '../kafka/writing/chunks.ts';
import type { OutgoingRecord } from '../kafka/writing/records.ts';
import { sizeOf } from '../kafka/writing/size.ts';
import { topology } from '../topology.ts';
import type { DeadLetter, Place, Resolved } from './parked.ts';
import { largestUncompressed, toMark } from './replayed.ts';

/**
 * Transaction timeout, in milliseconds. A workbench that is killed in a transaction blocks the readers of its partition for
 * this long, and up to 10 s more.
 */
const transactionTimeout = 10_000;
const gzip = 1;
/** Timeout of one request. */
const mostAtOnce = { items: 500, bytes: 700_000 };

type Transaction = Awaited<ReturnType<Producer['transaction']>>;

export interface Piece {
  letter: DeadLetter;
  /** Null if it is dropped. */
  replay: OutgoingRecord | null;
}

export class TransactionalWriter {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  /**
   * Becomes the newest producer of its transactional id. Older producers are fenced, and their open transaction is ended
   * before this resolves.
   */
  static async open(kafka: Kafka, { reader, partition }: Place): Promise<TransactionalWriter> {
    const producer = kafka.producer({
      // The id contains the topic and not the reader, because email and analytics share a topic.
      transactionalId: `dlq-workbench/${topology[reader].reads}/${partition}`,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    try {
      await producer.connect();
      await (await producer.transaction()).abort(); // gets the epoch; contains no record
      return new TransactionalWriter(producer);
    } catch (error) {
      producer.disconnect().catch(() => {});
      throw error;
    }
  }

  /**
   * Runs one transaction. After an error, do not use this writer again: the commit may have happened.
   * @returns the dead letters with their marks
   */
  async write(pieces: Piece[], { by, run }: Pick<Resolved, 'by' | 'run'>): Promise<DeadLetter[]> {
    if (pieces.length === 0) return [];
    const at = new Date().toISOString();
    const transaction = await this.#producer.transaction();
    const replays = pieces.flatMap(({ replay }) => replay ?? []);
    const offsets = await send(transaction, replays);
    const done = pieces.map(({ letter, replay }) => {
      const as = replay && `${replay.topic}/${replay.partition}/${offsets.shift()}`;
      return { ...letter, resolved: { by, at, as, run } };
    });
    await send(
      transaction,
      done.map((letter) => toMark(letter, letter.resolved)),
    );
    await transaction.commit();
    return done;
  }

  /** Not awaited: a fenced producer, or one without its broker, may take long to disconnect. */
  close(): void {
    this.#producer.disconnect().catch(() => {});
  }
}

/** @returns the offset of each record */
async function send(transaction: Transaction, records: OutgoingRecord[]): Promise<string[]> {
  const offsets: string[] = [];
  for (const chunk of chunks(records, sizeOf, mostAtOnce)) {
    const large = chunk.some((record) => sizeOf(record) > largestUncompressed);
    const answers = await transaction.sendBatch({ ...toBatch(chunk), ...(large && { compression: gzip }) });
    offsets.push(...offsetsOf(chunk, expectOnce(answers)));
  }
  return offsets;
}
