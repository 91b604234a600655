/**
 * Exactly once from topic to topic: what is written and the offset of what was read are one Kafka transaction.
 *
 * Why it holds. Only the newest producer of a transactional id can commit, there is one id per input partition, and a
 * producer starts at the committed offset that it reads after it became the newest. So every offset is in exactly one
 * committed transaction, whoever was frozen, killed or thrown out of the group in between. The id alone does the
 * fencing: kafkajs commits offsets without member id and generation, so the broker would accept them from anybody.
 */

import type { RawRecord } from '../../reading.ts';
import type { Service } from '../../service.ts';
import { deadLetterTopic, type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { Admin, Consumer, Kafka } from '../client/kafkajs.ts';
import { limited } from '../consuming/limit-concurrency.ts';
import { reportOutOfRange } from '../consuming/missing-offset.ts';
import { type ReadStretch, readingBack } from '../observing/read-back.ts';
import { DecidedMessages } from './decided-messages.ts';
import type { AssignedPartition, Guarantee } from './guarantee.ts';
import { mustBeAborted, type OpenRecord } from './hanging-transaction.ts';
import { type Opened, PartitionWriter, type Patience } from './partition-writer.ts';
import { type Cause, causeOfDecision, causeOfLetter, later, placeBehind } from './recover-place.ts';

/** How many decided messages are remembered: of one partition, of all together, and of one partition however many there are. */
const remembered = { most: 10_000, inAll: 60_000, least: 1000 };
/** How many partitions are taken over at once. */
const takenOverAtOnce = 8;
/** How many offsets of the dead-letter topic are looked at for where the partition stood. */
const lettersLookedAt = 1000;

/** A process that froze inside a transaction blocks read-committed readers for at most the timeout. */
const atWork: Patience = { transactionTimeout: 10_000, longestHold: 8000 };
/**
 * Where a class may pause inside a transaction (ADMIN), it has minutes to look at it. A broker allows 15 minutes, unless its
 * `transaction.max.timeout.ms` says otherwise.
 */
const inClass: Patience = { transactionTimeout: 300_000, longestHold: 240_000 };

export class ExactlyOnceTopic implements Guarantee {
  readonly givesUp = false;
  readonly keepsHandled = false;
  readonly #service: Service<ReaderName>;
  // Not the consumer's Kafka object: `sendOffsets` marks offsets as committed, before they are, in a map that all clients of one object share.
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

  /** The writer opens at once, or when its turn comes, so that the first message does not wait for it. */
  assign(_consumer: Consumer, topic: string, partition: number): AssignedPartition {
    const group = this.#service.name;
    const writer = new PartitionWriter(
      this.#kafka,
      { group, topic, partition },
      {
        inTurn: this.#takeOver,
        read: () => this.#read(topic, partition),
        closed: () => this.#writers.delete(writer),
      },
      this.#service.config.ADMIN === 'off' ? atWork : inClass,
    );
    this.#writers.add(writer);
    writer.open().catch(() => {}); // begin tries again
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

  /** The committed offset, or null where the group has none. */
  async #committed(topic: string, partition: number): Promise<string | null> {
    await this.#connected();
    const [answer] = await this.#admin.fetchOffsets({ groupId: this.#service.name, topics: [topic] });
    const offset = answer?.partitions.find((entry) => entry.partition === partition)?.offset ?? '-1';
    return Number(offset) < 0 ? null : offset;
  }

  /** What the outputs hold of transactions that have no marker, with the messages of the input that caused it. */
  async #open(topic: string, partition: number): Promise<OpenRecord[]> {
    const { writes } = topology[this.#service.name];
    const letters = deadLetterTopic(this.#service.name);
    const all: OpenRecord[] = [];
    for (const output of writes === null ? [letters] : [writes, letters]) {
      const { high } = await this.#endsOf(output, partition); // where read-committed readers have to stop
      /** By producer, of which one transaction at most is open. */
      const found = new Map<string, OpenRecord[]>();
      const stretch = { topic: output, partition, from: BigInt(high), to: Number.POSITIVE_INFINITY };
      await this.#readOpen(stretch, (it) => {
        const { producerId } = it.batchContext;
        if (it.isControlRecord) return void found.delete(producerId);
        const record = it as RawRecord;
        const cause = (output === letters ? causeOfLetter : causeOfDecision)(record, topic, partition);
        found.set(producerId, [
          ...(found.get(producerId) ?? []),
          { topic: output, partition, record, cause },
        ]);
      });
      all.push(...[...found.values()].flat());
    }
    return all;
  }

  /** Reads from the output which messages of the input are decided, so that one that was stored twice is decided once. */
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

  /** Where the outputs say that the partition stood; the start of the log where they say nothing of the topic as it is. */
  async #recover(topic: string, partition: number, newestDecided: Cause | undefined): Promise<string> {
    let newest = newestDecided;
    await this.#readTail(deadLetterTopic(this.#service.name), partition, lettersLookedAt, (letter) => {
      newest = later(newest, causeOfLetter(letter, topic, partition));
    });
    const { low, high } = await this.#endsOf(topic, partition);
    if (!newest) return low; // a new group: committed, so that what expires from now on is missed
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
        'the group has no committed offset, and the topic was made anew: it is read from its start',
      );
      return low;
    }
    const place = { position: String(behind), start: low, end: high };
    if (behind < range.start) reportOutOfRange(this.#service, { ...at, ...place });
    const offset = behind < range.start ? low : String(behind);
    log.warn(
      { ...at, offset },
      'the group has no committed offset: the partition goes on behind the newest message that its outputs name',
    );
    return offset;
  }

  /** Calls back for the last records of a partition, over so many offsets. */
  async #readTail(topic: string, partition: number, offsets: number, onRecord: (record: RawRecord) => void) {
    const { low, high } = await this.#endsOf(topic, partition);
    const from = BigInt(high) - BigInt(offsets); // each transaction's marker takes an offset too
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
