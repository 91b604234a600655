/**
 * The statistics and the offsets they are made of, in one SQLite file. One transaction holds the effect of a batch and the
 * next offset of its partition, so a crash at any moment leaves both as before or both as after: that, and nothing that
 * Kafka keeps, makes the figures exactly once. Kafka's committed offsets play no part.
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

/** What was read is not the topic that the file was made from. */
export class OtherTopic extends Error {
  override name = 'OtherTopic';
}

export interface StoreOptions {
  /** The file's path; its folder is created. `:memory:` for a store that is gone with the process. */
  file: string;
  /** A model that has seen nothing; it is given the counts of the minutes kept. */
  createModel: () => DemandModel;
  /** Called after a batch is stored, with the running figures as they were at each `printEvery`-th ride in it. */
  onMilestones?: (milestones: Tally[]) => void;
  printEvery?: number;
  /** Called with the reason before `OtherTopic` is thrown. */
  onOtherTopic?: (reason: string) => void;
}

/** A line per milestone, but never more than this many for one batch: a rebuild is not to be slowed down by its own log. */
const mostMilestones = 20;

/** Implements the runtime's `Store<RideConfirmed>`. One process owns the file. */
export class Store {
  statistics = new Statistics();
  model: DemandModel;
  #options: StoreOptions;
  #database: DatabaseSync;
  #positions = new Map<number, Position>();
  #statements;

  /** @throws Error when the file cannot be opened, is not such a file, or another process has it */
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
   * Counts these messages and stores the figures with the next offset, or, when it throws, neither.
   * A message below the stored next offset is counted already: it comes again when the runtime lost its place (a new
   * assignment, a crash between this commit and the runtime's next step), and is passed over. That check is all the
   * deduplication there is to do: the writer put each outcome on the topic exactly once.
   * @param once false: messages are counted however often they come, to show what at-least-once means
   * @throws OtherTopic when a message that is passed over cannot be one that was counted
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
      // What is in memory may be ahead of the file now; only the file is true.
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

  /** Memory as the file has it. */
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
 * The messages that are not counted yet. A batch is in order, so the ones that are come first. None of those is newer than
 * everything that was counted in this partition, unless it is a message of another topic by the same name.
 */
function freshMessages(messages: Received<RideConfirmed>[], position: Position) {
  const firstFresh = messages.findIndex(({ coordinates }) => BigInt(coordinates.offset) >= position.next);
  const split = firstFresh === -1 ? messages.length : firstFresh;
  const foreign = messages.slice(0, split).find(({ timestamp }) => timestamp > position.newestTimestamp);
  return { fresh: messages.slice(split), foreign };
}

const describeOtherTopic = ({ coordinates }: Received<RideConfirmed>, next: bigint) =>
  `the statistics have counted ${coordinates.topic}/${coordinates.partition} up to offset ${next}, but the message at offset ${coordinates.offset} is newer than all that were counted, so the topic was created anew or it is another Kafka; stop this service, delete the statistics file (DATABASE) and start it again to count from the start`;
