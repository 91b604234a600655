/**
 * Exactly once from topic to topic: the output and the offset of the input are one Kafka transaction.
 *
 * Why it holds: only the newest producer of a transactional id can commit, each input partition has one id, and a producer
 * starts at the committed offset that it reads after it became the newest. So every offset is in exactly one committed
 * transaction, even if a process is frozen, killed or removed from the group in between.
 *
 * The version of the transactions is that of the cluster when a producer begins (client/transactions-v2/producer.ts):
 * - Version 1: only the transactional id fences. Its epoch grows with each producer. Offsets are committed without member id and
 *   generation, so the broker would accept them from any process that has the newest producer.
 * - Version 2, since Kafka 4.0: the epoch also grows with each transaction, and the answer to its end contains the next one. If
 *   that answer is lost, the producer is disposed of, and the next one gets a later epoch than any transaction before. A late
 *   request therefore never joins a later transaction. The broker also refuses the commit of a process that is no longer in the
 *   group. That process does not open another producer, which would fence the new owner.
 */

import type { RawRecord } from '../../reading.ts';
import type { Service } from '../../service.ts';
import { deadLetterTopic, type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { Admin, Consumer, Kafka } from '../client/kafkajs.ts';
import type { Member } from '../client/transactions-v2/membership.ts';
import { limited } from '../consuming/limit-concurrency.ts';
import { reportOutOfRange } from '../consuming/missing-offset.ts';
import { type ReadStretch, readingBack } from '../observing/read-back.ts';
import { DecidedMessages } from './decided-messages.ts';
import type { AssignedPartition, Guarantee } from './guarantee.ts';
import { mustBeAborted, type OpenRecord } from './hanging-transaction.ts';
import { atWork, type Opened, PartitionWriter, type Patience } from './partition-writer.ts';
import { type Cause, causeOfDecision, causeOfLetter, later, placeBehind } from './recover-place.ts';

/** How many decided messages are remembered: for one partition, for all together, and the minimum for each partition. */
const remembered = { most: 10_000, inAll: 60_000, least: 1000 };
/** The number of partitions that are taken over at once. */
const takenOverAtOnce = 8;
/** The number of offsets of the dead-letter topic to search for the last handled message. */
const lettersLookedAt = 1000;

/**
 * With ADMIN, a person can pause inside a transaction and has minutes to look at it. The default limit of a broker is 15
 * minutes (`transaction.max.timeout.ms`). Where the limit is below this, the usual times hold.
 */
const inClass: Patience = { transactionTimeout: 300_000, longestHold: 240_000 };

export class ExactlyOnceTopic implements Guarantee {
  readonly givesUp = false;
  readonly keepsHandled = false;
  readonly #service: Service<ReaderName>;
  // Not the Kafka object of the consumer: `sendOffsets` marks offsets as committed, before they are, in a map that all clients
  // of one object share.
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  #adminConnected: Promise<void> | null = null;
  readonly #writers = new Set<PartitionWriter>();
  readonly #readBack: ReadStretch;
  readonly #readOpen: ReadStretch;
  /** Of one partition. */
  readonly #remembered: number;
  readonly #takeOver = limited(takenOverAtOnce, (open: () => Promise<Opened>) => open());

  /** @param partitions of the input: this process may get all of them */
  constructor(service: Service<ReaderName>, partitions: number) {
    this.#service = service;
    this.#kafka = connect(service, 'transact');
    this.#readBack = readingBack(this.#kafka);
    this.#readOpen = readingBack(this.#kafka, 'uncommitted');
    const { most, inAll, least } = remembered;
    this.#remembered = Math.min(most, Math.max(least, Math.floor(inAll / partitions)));
    this.#admin = this.#kafka.admin();
    service.readyWhen(() =>
      [...this.#writers].some(({ opening }) => opening)
        ? 'taking over the transactions of its partitions'
        : null,
    );
  }

  /** Opens the writer at once, or when its turn comes, so the first message does not wait for it. */
  assign(_consumer: Consumer, topic: string, partition: number, member: Member): AssignedPartition {
    const group = this.#service.name;
    const writer = new PartitionWriter(
      this.#kafka,
      { group, topic, partition, member },
      {
        inTurn: this.#takeOver,
        read: () => this.#read(topic, partition),
        closed: () => this.#writers.delete(writer),
        tracing: this.#service.tracing,
      },
      this.#service.config.ADMIN === 'off' ? atWork : inClass,
    );
    this.#writers.add(writer);
    writer.open().catch(() => {}); // begin retries
    return writer;
  }

  async stop() {
    await Promise.allSettled([...this.#writers].map((writer) => writer.end()));
    if (this.#adminConnected) await this.#admin.disconnect();
  }

  async #read(topic: string, partition: number) {
    const committed = await this.#committed(topic, partition);
    const hanging = mustBeAborted(committed, await this.#open(topic, partition));
    if (hanging.length > 0)
      this.#service.log.warn(
        { topic, partition, offset: committed },
        'Kafka has lost the end of an earlier transaction: it is aborted now, and what it decided is decided again',
      );
    const { decided, newest } = await this.#decisions(topic, partition);
    if (committed !== null) return { start: { offset: committed, committed: true }, decided, hanging };
    const offset = await this.#recover(topic, partition, newest);
    return { start: { offset, committed: false }, decided, hanging };
  }

  /** The committed offset; null if the group has none. */
  async #committed(topic: string, partition: number): Promise<string | null> {
    await this.#connected();
    const [answer] = await this.#admin.fetchOffsets({ groupId: this.#service.name, topics: [topic] });
    const offset = answer?.partitions.find((entry) => entry.partition === partition)?.offset ?? '-1';
    return Number(offset) < 0 ? null : offset;
  }

  /** Records of the outputs in transactions without a marker, with the input messages that caused them. */
  async #open(topic: string, partition: number): Promise<OpenRecord[]> {
    const { writes } = topology[this.#service.name];
    const letters = deadLetterTopic(this.#service.name);
    const all: OpenRecord[] = [];
    for (const output of writes === null ? [letters] : [writes, letters]) {
      const { high } = await this.#endsOf(output, partition); // the last stable offset
      /** By producer, because each has at most one open transaction. */
      const found = new Map<string, OpenRecord[]>();
      const stretch = { topic: output, partition, from: BigInt(high), to: Number.POSITIVE_INFINITY };
      await this.#readOpen(stretch, (it) => {
        const { producerId } = it.batchContext;
        if (it.isControlRecord) return void found.delete(producerId);
        const record = it as RawRecord;
        const cause = (output === letters ? causeOfLetter : causeOfDecision)(record, topic, partition);
        const records = found.get(producerId) ?? [];
        records.push({ topic: output, partition, record, cause });
        found.set(producerId, records);
      });
      all.push(...[...found.values()].flat());
    }
    return all;
  }

  /** Reads from the output which input messages are decided, so a message that is stored twice is decided once. */
  async #decisions(topic: string, partition: number) {
    const decided = new DecidedMessages(this.#remembered);
    let newest: Cause | undefined;
    const { writes } = topology[this.#service.name];
    if (writes !== null)
      await this.#readTail(writes, partition, 2 * this.#remembered, (record) => {
        decided.addCauseOf(record);
        newest = later(newest, causeOfDecision(record, topic, partition));
      });
    return { decided, newest };
  }

  /** The position of the partition according to the outputs; the start of the log if they do not refer to the current topic. */
  async #recover(topic: string, partition: number, newestDecided: Cause | undefined): Promise<string> {
    let newest = newestDecided;
    await this.#readTail(deadLetterTopic(this.#service.name), partition, lettersLookedAt, (letter) => {
      newest = later(newest, causeOfLetter(letter, topic, partition));
    });
    const { low, high } = await this.#endsOf(topic, partition);
    if (!newest) return low; // a new group: committed, so messages that expire from now on are noticed
    const range = { start: BigInt(low), end: BigInt(high) };
    const behind = await placeBehind(newest, range, async (offset) => {
      let found: RawRecord | undefined;
      await this.#readBack({ topic, partition, from: offset, to: offset + 1n }, (record) => {
        found = record as RawRecord;
      });
      return found;
    });
    const { log } = this.#service;
    const at = { topic, partition };
    if (behind === null) {
      log.warn(
        at,
        'the group has no committed offset, and the topic was recreated: it is read from its start',
      );
      return low;
    }
    const place = { position: String(behind), start: low, end: high };
    if (behind < range.start) reportOutOfRange(this.#service, { ...at, ...place });
    const offset = behind < range.start ? low : String(behind);
    log.warn(
      { ...at, offset },
      'the group has no committed offset: the partition continues after the newest message that its outputs name',
    );
    return offset;
  }

  /** Calls back for the records in the last offsets of a partition. */
  async #readTail(topic: string, partition: number, offsets: number, onRecord: (record: RawRecord) => void) {
    const { low, high } = await this.#endsOf(topic, partition);
    const from = BigInt(high) - BigInt(offsets); // the marker of each transaction takes an offset too
    await this.#readBack(
      { topic, partition, from: from > BigInt(low) ? from : BigInt(low), to: BigInt(high) },
      (record) => onRecord(record as RawRecord),
    );
  }

  async #endsOf(topic: string, partition: number) {
    await this.#connected();
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
}
