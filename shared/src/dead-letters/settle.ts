/**
 * Replays or drops dead letters of one partition, each at most once, even if a process is killed or several workbenches run at
 * once.
 *
 * Why it holds: a replay and its mark are one Kafka transaction, so neither exists without the other. Only the newest producer
 * of a transactional id can commit, and each partition of a reader's topic has one transactional id. The marks are read after
 * this producer became the newest, when no older producer can add one. After any error the producer is closed, and the next
 * one reads the marks to find out what was done.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from '../kafka/client/kafkajs.ts';
import { chunks } from '../kafka/writing/chunks.ts';
import type { RawRecord } from '../reading.ts';
import { WorkbenchError } from './errors.ts';
import { type DeadLetter, type Place, type Resolved, recordsAt, scan } from './parked.ts';
import { type Change, toReplay } from './replayed.ts';
import { type Piece, TransactionalWriter } from './transactional-writer.ts';

const attempts = 5;
/** The most dead letters in one transaction. */
const mostAtOnce = { items: 200, bytes: 700_000 };

export interface Task {
  by: Resolved['by'];
  /** Identifies this run in its marks, so it recognises them after an error. */
  run: string;
  change?: Change | undefined;
  /** Repeats dead letters that were already replayed or dropped. */
  again: boolean;
  /** Replays even what its reader would park again. */
  asIs: boolean;
}

export interface Outcome {
  letter: DeadLetter;
  /** `done`: now. `already`: earlier, so nothing was done; `letter.resolved` says when. `refused`: see `reason`. */
  outcome: 'done' | 'already' | 'refused';
  reason: string;
}

/** Kafka, with a connection for each purpose, and the current end of a partition. */
export interface Source {
  read: Kafka;
  write: Kafka;
  place(): Promise<Place>;
}

/**
 * @param offsets offsets of dead letters in this partition
 * @param onOutcome called once for each of them
 * @throws WorkbenchError when Kafka did not confirm. Dead letters without an outcome may be done or not; a repeat finds out
 */
export async function settle(
  source: Source,
  offsets: string[],
  task: Task,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const pending = new Set(offsets);
  const settled = (letter: DeadLetter, outcome: Outcome['outcome'], reason = '') => {
    pending.delete(letter.coordinates.offset);
    onOutcome({ letter, outcome, reason });
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await settleOnce(source, pending, task, settled);
    } catch (error) {
      if (attempt === attempts)
        throw new WorkbenchError(
          `Kafka did not confirm (${(error as Error).message}). The outcome of ${pending.size} dead letters is unknown: each was ` +
            'either done completely or not at all. Run the same command again. It does nothing twice.',
        );
      // Two workbenches on one partition fence each other. Different waits let one of them finish.
      await sleep(50 * 2 ** attempt + randomInt(300));
    }
  }
}

async function settleOnce(
  source: Source,
  pending: Set<string>,
  task: Task,
  settled: (letter: DeadLetter, outcome: Outcome['outcome'], reason?: string) => void,
) {
  const writer = await TransactionalWriter.open(source.write, await source.place());
  try {
    const place = await source.place(); // only now: no older producer can add to it
    const left: DeadLetter[] = [];
    for (const letter of await scan(source.read, place)) {
      if (!pending.has(letter.coordinates.offset)) continue;
      if (letter.resolved?.run === task.run) settled(letter, 'done');
      else if (letter.resolved && !task.again) settled(letter, 'already');
      else left.push(letter);
    }
    for (const letters of chunks(left, ({ size }) => size, mostAtOnce)) {
      const offsets = letters.map(({ coordinates }) => coordinates.offset);
      const records = await recordsAt(source.read, place, offsets);
      const byOffset = new Map(records.map((record) => [record.offset, record]));
      const pieces: Piece[] = [];
      for (const letter of letters) {
        const { piece, reason } = prepare(letter, byOffset.get(letter.coordinates.offset), task);
        if (piece) pieces.push(piece);
        else settled(letter, 'refused', reason);
      }
      for (const letter of await writer.write(pieces, task)) settled(letter, 'done');
    }
  } finally {
    writer.close();
  }
}

function prepare(letter: DeadLetter, record: RawRecord | undefined, { by, change, asIs }: Task) {
  if (!record) return { reason: 'it no longer exists: Kafka has deleted it' };
  if (by === 'drop') return { piece: { letter, replay: null } };
  try {
    return { piece: { letter, replay: toReplay(letter, record, change, asIs) } };
  } catch (error) {
    if (error instanceof WorkbenchError) return { reason: error.message };
    throw error;
  }
}
