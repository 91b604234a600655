/**
 * Exactly once from topic to topic: what is written and the offset of what was read are one Kafka transaction.
 *
 * Why it holds. Only the newest producer of a transactional id can commit, there is one id per input partition, and a
 * producer starts at the committed offset that it reads after it became the newest. So every offset is in exactly one
 * committed transaction, whoever was frozen, killed or thrown out of the group in between. The id alone does the
 * fencing: kafkajs commits offsets without member id and generation, so the broker would accept them from anybody.
 */

import { header, type RawRecord } from '../../reading.ts';
import { Recent } from '../../recent.ts';
import type { Service } from '../../service.ts';
import { type ReaderName, topology } from '../../topology.ts';
import { connect } from '../client/connect.ts';
import type { Admin, Consumer, Kafka } from '../client/kafkajs.ts';
import { readBack } from '../observing/read-back.ts';
import type { AssignedPartition, Guarantee } from './guarantee.ts';
import { PartitionWriter } from './partition-writer.ts';

/** How many decided messages of a partition are remembered. */
const remembered = 10_000;

export class ExactlyOnceTopic implements Guarantee {
  readonly givesUp = false;
  readonly effectStands = false;
  readonly #service: Service<ReaderName>;
  // Not the consumer's Kafka object: `sendOffsets` marks offsets as committed, before they are, in a map that all clients of one object share.
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  #adminConnected: Promise<void> | null = null;
  readonly #writers = new Set<PartitionWriter>();

  constructor(service: Service<ReaderName>) {
    this.#service = service;
    this.#kafka = connect(service, 'transact');
    this.#admin = this.#kafka.admin();
    service.readyWhen(() =>
      [...this.#writers].some(({ opening }) => opening)
        ? 'taking over the transactions of its partitions'
        : null,
    );
  }

  /** The writer opens at once, so that the first message does not wait for it. */
  assign(_consumer: Consumer, topic: string, partition: number): AssignedPartition {
    const group = this.#service.name;
    const writer = new PartitionWriter(
      this.#kafka,
      { group, topic, partition },
      {
        committed: () => this.#committed(topic, partition),
        decided: () => this.#decided(partition),
        closed: () => this.#writers.delete(writer),
      },
    );
    this.#writers.add(writer);
    writer.open().catch(() => {}); // begin tries again
    return writer;
  }

  async stop() {
    await Promise.allSettled([...this.#writers].map((writer) => writer.end()));
    if (this.#adminConnected) await this.#admin.disconnect();
  }

  /** The committed offset, or null where the group has none. */
  async #committed(topic: string, partition: number): Promise<string | null> {
    await this.#connected();
    const [answer] = await this.#admin.fetchOffsets({ groupId: this.#service.name, topics: [topic] });
    const offset = answer?.partitions.find((entry) => entry.partition === partition)?.offset ?? '-1';
    return Number(offset) < 0 ? null : offset;
  }

  /** Reads from the output which messages of the input are decided, so that one that was stored twice is decided once. */
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
