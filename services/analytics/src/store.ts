/**
 * The statistics and their offsets in one SQLite file. One transaction contains the effect of a batch and the next offset of
 * its partition, so a crash leaves both unchanged or both changed. That makes the figures exactly once. Offsets that are
 * committed to Kafka play no part.
 */
import type { DatabaseSync } from 'node:sqlite';
import { crashPoint } from '@rideflow/shared/crash-points.ts';
import type { RideConfirmed } from '@rideflow/shared/messages.ts';
import type { Received } from '@rideflow/shared/reading.ts';
import { openDatabase, prepareStatements } from './database.ts';
import type { DemandModel } from './demand-model.ts';
import { toRide } from './ride.ts';
import { type Row, Statistics } from './statistics.ts';
import type { Tally } from './tally.ts';

interface Position {
  next: bigint;
  newestTimestamp: number;
}

/** The topic is not the one that the file was built from. */
export class OtherTopic extends Error {
  override name = 'OtherTopic';
}

export interface StoreOptions {
  /** The path of the file; its folder is created. `:memory:` for a store that lives as long as the process. */
  file: string;
  /** An empty model; it gets the counts of the kept minutes. */
  createModel: () => DemandModel;
  /** Called after a batch is stored, with the figures at each `printEvery`-th ride in it. */
  onMilestones?: (milestones: Tally[]) => void;
  printEvery?: number;
  /** Called with the reason before `OtherTopic` is thrown. */
  onOtherTopic?: (reason: string) => void;
}

/** The most milestone lines for one batch, so logging does not slow down a rebuild. */
const mostMilestones = 20;

/** Implements `Store<RideConfirmed>` of the runtime. One process owns the file. */
export class Store {
  statistics = new Statistics();
  model: DemandModel;
  #options: StoreOptions;
  #database: DatabaseSync;
  #positions = new Map<number, Position>();
  #statements;

  /** @throws Error when the file cannot be opened, is not a statistics file, or is open in another process */
  constructor(options: StoreOptions) {
    this.#options = options;
    this.#database = openDatabase(options.file);
    this.#statements = prepareStatements(this.#database);
    this.model = options.createModel();
    this.#load();
  }

  offsets(): Map<number, string> {
    return new Map([...this.#positions].map(([partition, { next }]) => [partition, String(next)]));
  }

  /**
   * Counts these messages and stores the figures with the next offset. If it throws, it stores neither. A message below the
   * stored next offset is already counted and is skipped. It is delivered again after a new partition assignment, or after a
   * crash between this commit and the next step of the runtime. No other deduplication is necessary, because the writer wrote
   * each decision exactly once.
   * @param once false: repeated messages are counted again, to show what at-least-once means
   * @throws OtherTopic when a skipped message cannot have been counted
   */
  apply(partition: number, messages: Received<RideConfirmed>[], nextOffset: string, once = true): void {
    const position = this.#positions.get(partition) ?? { next: 0n, newestTimestamp: 0 };
    const { fresh, foreign } = once
      ? freshMessages(messages, position)
      : { fresh: messages, foreign: undefined };
    if (foreign) {
      const error = new OtherTopic(describeOtherTopic(foreign, position.next));
      this.#options.onOtherTopic?.(error.message);
      throw error;
    }
    const next = BigInt(nextOffset);
    if (fresh.length === 0 && next <= position.next) return;

    const milestones: Tally[] = [];
    let { newestTimestamp } = position;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const message of fresh) {
        this.#count(message, milestones);
        if (message.timestamp > newestTimestamp) newestTimestamp = message.timestamp;
      }
      this.#write();
      const stored = { next: next > position.next ? next : position.next, newestTimestamp };
      this.#statements.position.run(partition, String(stored.next), newestTimestamp);
      crashPoint('mid-statistics');
      this.#database.exec('COMMIT');
      this.#positions.set(partition, stored);
    } catch (error) {
      // Memory may now be ahead of the file. Only the file is correct.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#load();
      throw error;
    }
    if (milestones.length > 0) this.#options.onMilestones?.(milestones);
  }

  close(): void {
    this.#database.close();
  }

  #count(message: Received<RideConfirmed>, milestones: Tally[]) {
    const ride = toRide(message);
    this.statistics.count(ride);
    this.model.observe(ride);
    const { all } = this.statistics;
    if (all.rides % (this.#options.printEvery ?? Number.POSITIVE_INFINITY) !== 0) return;
    if (milestones.length === mostMilestones) milestones.shift();
    milestones.push({ ...all });
  }

  #write() {
    const { changed, removed } = this.statistics.takeChanges();
    for (const { scope, key, tally } of changed) {
      const { rides, rejected, timed, minutesSum, minutesMax } = tally;
      this.#statements.write.run(scope, key, rides, rejected, timed, minutesSum, minutesMax);
    }
    for (const { scope, key } of removed) this.#statements.remove.run(scope, key);
  }

  /** Loads memory from the file. */
  #load() {
    this.statistics = new Statistics();
    this.model = this.#options.createModel();
    for (const { scope, key, ...tally } of this.#statements.tallies.all() as unknown as (Tally & Row)[]) {
      this.statistics.restore({ scope, key, tally: tally as Tally });
      if (scope === 'minute') this.model.observe({ at: Number(key) }, (tally as Tally).rides);
    }
    this.#positions = new Map(
      this.#statements.positions
        .all()
        .map((row) => [
          Number(row.partition),
          { next: BigInt(String(row.next)), newestTimestamp: Number(row.newest_timestamp) },
        ]),
    );
  }
}

/**
 * The messages that are not counted yet. A batch is in order, so counted messages come first. None of them is newer than
 * everything that was counted in this partition, unless it is from another topic with the same name.
 */
function freshMessages(messages: Received<RideConfirmed>[], position: Position) {
  const firstFresh = messages.findIndex(({ coordinates }) => BigInt(coordinates.offset) >= position.next);
  const split = firstFresh === -1 ? messages.length : firstFresh;
  const foreign = messages.slice(0, split).find(({ timestamp }) => timestamp > position.newestTimestamp);
  return { fresh: messages.slice(split), foreign };
}

const describeOtherTopic = ({ coordinates }: Received<RideConfirmed>, next: bigint) =>
  `the statistics include ${coordinates.topic}/${coordinates.partition} up to offset ${next}, but the message at offset ${coordinates.offset} is newer than all counted ones. So the topic was recreated, or this is a different Kafka cluster. To count from the start, stop this service, delete the statistics file (DATABASE) and start it again`;
