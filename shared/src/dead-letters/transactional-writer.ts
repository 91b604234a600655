/**
 * Writes replays and their marks, one partition's, in transactions.
 *
 * On `ride_confirmed` and on the dead-letter topic of transaction it is a second transactional writer beside the transaction
 * service. Transactions that overlap and are both aborted would be delivered by kafkajs as it is; shared/src/kafka/aborted.ts
 * repairs that for our readers. For readers elsewhere, the overlap is kept rare: everything is read and prepared before
 * a transaction begins, it is open for two sends only, and only the death or the fencing of this process within these
 * milliseconds aborts one.
 */

import type { Kafka, Producer } from '../kafka/client/kafkajs.ts';
import { expectOnce, offsetsOf, toBatch } from '../kafka/writing/batch.ts';
import { chunks } from '../kafka/writing/chunks.ts';
import type { OutgoingRecord } from '../kafka/writing/records.ts';
import { sizeOf } from '../kafka/writing/size.ts';
import { topology } from '../topology.ts';
import type { DeadLetter, Place, Resolved } from './parked.ts';
import { largestUncompressed, toMark } from './replayed.ts';

/** A workbench that dies in a transaction holds up the readers of its partition for this long, and up to 10 s more; in milliseconds. */
const transactionTimeout = 10_000;
const gzip = 1;
/** Of one request. */
const mostAtOnce = { items: 500, bytes: 700_000 };

type Transaction = Awaited<ReturnType<Producer['transaction']>>;

export interface Piece {
  letter: DeadLetter;
  /** Null when it is dropped. */
  replay: OutgoingRecord | null;
}

export class TransactionalWriter {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  /** Becomes the newest of its id: older ones are fenced, and their open transaction is finished before this resolves. */
  static async open(kafka: Kafka, { reader, partition }: Place): Promise<TransactionalWriter> {
    const producer = kafka.producer({
      // By the topic that is written to, not by reader: email and analytics have one in common.
      transactionalId: `dlq-workbench/${topology[reader].reads}/${partition}`,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    try {
      await producer.connect();
      await (await producer.transaction()).abort(); // asks for the epoch; it holds no record
      return new TransactionalWriter(producer);
    } catch (error) {
      producer.disconnect().catch(() => {});
      throw error;
    }
  }

  /**
   * One transaction. After an error this writer must not be used again: the commit may have happened.
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

  /** Not awaited: a producer that was fenced or lost its broker may take long to disconnect. */
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
