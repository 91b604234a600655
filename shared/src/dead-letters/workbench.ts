/**
 * The dead-letter workbench: lists, replays and drops dead letters. Its functions return data. The `dlq` command prints it,
 * and the flow page shows it.
 *
 * A dead letter, on `<topic>.<reader>.dlq`, is the original key, value and headers, in the partition of the original, and:
 *
 *     dead_letter_reason  dead_letter_from (coordinates)  dead_letter_timestamp (of the original, in milliseconds since 1970)
 *     dead_letter_by (reader)  dead_letter_at  [dead_letter_truncated]
 *
 * A replay, on the reader's own topic, in the same partition, is the original key, headers and (edited) value, and:
 *
 *     replay_for     the only reader that it is for; every other reader skips it
 *     replayed_from  the coordinates of the dead letter
 *     ce_id          the original's identity: its ce_id, or its coordinates and timestamp if it had none
 *
 * A mark, on the dead-letter topic, in the same partition, has no key and no value, and:
 *
 *     resolved     the coordinates of the dead letter     resolved_by  replay or drop
 *     at           RFC 3339                               as           the replay's coordinates, after a replay
 *     run          the run of the workbench that did it
 *
 * So every record without `resolved` is still parked, unless a later record of its partition has its coordinates in
 * `resolved`. To recount what a reader did with a topic, leave out the messages whose `replay_for` names another reader.
 */
import { randomUUID } from 'node:crypto';
import { type Client, connect } from '../kafka/client/connect.ts';
import { type Coordinates, formatCoordinates, type RawRecord } from '../reading.ts';
import { WorkbenchError } from './errors.ts';
import {
  type DeadLetter,
  type Filter,
  type Place,
  parseCoordinates,
  placesOf,
  recordsAt,
  scan,
} from './parked.ts';
import { type Outcome, settle, type Task } from './settle.ts';

export interface Workbench {
  /** The parked dead letters; with `resolved`, also the replayed and dropped ones. Sorted by topic, partition and offset. */
  list(filter?: Filter & { resolved?: boolean }): Promise<DeadLetter[]>;
  /** One dead letter with its record. @throws WorkbenchError when there is none at these coordinates */
  show(coordinates: string): Promise<{ letter: DeadLetter; record: RawRecord }>;
  /** The records of these dead letters, by coordinates. Records that Kafka has deleted are missing. */
  records(letters: DeadLetter[]): Promise<Map<string, RawRecord>>;
  /** Sends dead letters to their readers again. @throws WorkbenchError when one does not exist, or Kafka did not confirm */
  replay(coordinates: string[], options?: ReplayOptions): Promise<Outcome[]>;
  /** Marks dead letters as settled without a replay. @throws like `replay` */
  drop(coordinates: string[], options?: Pick<ReplayOptions, 'onOutcome'>): Promise<Outcome[]>;
  close(): Promise<void>;
}

export type ReplayOptions = Partial<Pick<Task, 'change' | 'again' | 'asIs'>> & {
  /** Called for each outcome as soon as it is final. */
  onOutcome?: (outcome: Outcome) => void;
};

/** @throws WorkbenchError when Kafka does not answer */
export async function openWorkbench(client: Client): Promise<Workbench> {
  const read = connect(client, 'admin');
  const write = connect(client, 'transact');
  const admin = read.admin();
  try {
    await admin.connect();
  } catch (error) {
    throw new WorkbenchError(
      `No Kafka broker answers at ${client.config.KAFKA_BROKERS.join()} (${(error as Error).message}).\n` +
        'Start the system with `npm start` or `docker compose up`, or give its address with --brokers or KAFKA_BROKERS.',
    );
  }

  async function placeOf({ topic, partition }: Coordinates): Promise<Place | undefined> {
    return (await placesOf(admin, { topic })).find((place) => place.partition === partition);
  }

  /** The dead letters at these coordinates, by partition. */
  async function find(coordinates: string[]): Promise<Map<string, DeadLetter[]>> {
    const wanted = Map.groupBy(
      new Set(coordinates.map((text) => formatCoordinates(parseCoordinates(text)))),
      (text) => text.slice(0, text.lastIndexOf('/')),
    );
    const found = new Map<string, DeadLetter[]>();
    for (const [partition, texts] of wanted) {
      const place = await placeOf(parseCoordinates(texts[0] as string));
      const letters = place ? await scan(read, place) : [];
      const there = new Map(letters.map((letter) => [formatCoordinates(letter.coordinates), letter]));
      for (const text of texts) if (!there.has(text)) throw nothingAt(text, partition, letters);
      found.set(
        partition,
        texts.map((text) => there.get(text) as DeadLetter),
      );
    }
    return found;
  }

  async function settleAll(
    coordinates: string[],
    options: ReplayOptions,
    by: Task['by'],
  ): Promise<Outcome[]> {
    const { change, again = false, asIs = false, onOutcome } = options;
    const task: Task = { by, run: randomUUID(), change, again, asIs };
    const outcomes: Outcome[] = [];
    for (const letters of (await find(coordinates)).values()) {
      const at = (letters[0] as DeadLetter).coordinates;
      const place = async () => {
        const found = await placeOf(at);
        if (!found) throw new Error(`${at.topic} no longer has partition ${at.partition}`);
        return found;
      };
      const offsets = letters.map(({ coordinates }) => coordinates.offset);
      await settle({ read, write, place }, offsets, task, (outcome) => {
        outcomes.push(outcome);
        onOutcome?.(outcome);
      });
    }
    return outcomes;
  }

  return {
    async list({ resolved = false, ...filter } = {}) {
      const letters: DeadLetter[] = [];
      for (const place of await placesOf(admin, filter)) letters.push(...(await scan(read, place)));
      return resolved ? letters : letters.filter((letter) => letter.resolved === null);
    },
    async show(coordinates) {
      const [letter] = [...(await find([coordinates])).values()].flat() as [DeadLetter];
      const place = (await placeOf(letter.coordinates)) as Place;
      const [record] = await recordsAt(read, place, [letter.coordinates.offset]);
      if (!record) throw new WorkbenchError(`${coordinates} no longer exists: Kafka has deleted it.`);
      return { letter, record };
    },
    async records(letters) {
      const found = new Map<string, RawRecord>();
      const byPartition = Map.groupBy(
        letters,
        ({ coordinates: { topic, partition } }) => `${topic}/${partition}`,
      );
      for (const [partition, some] of byPartition) {
        const place = await placeOf((some[0] as DeadLetter).coordinates);
        const offsets = some.map(({ coordinates }) => coordinates.offset);
        if (!place) continue;
        for (const record of await recordsAt(read, place, offsets))
          found.set(`${partition}/${record.offset}`, record);
      }
      return found;
    },
    replay: (coordinates, options = {}) => settleAll(coordinates, options, 'replay'),
    drop: (coordinates, options = {}) => settleAll(coordinates, options, 'drop'),
    close: () => admin.disconnect(),
  };
}

function nothingAt(text: string, partition: string, letters: DeadLetter[]): WorkbenchError {
  const parked = letters.filter(({ resolved }) => !resolved).map(({ coordinates }) => coordinates.offset);
  const more = parked.length > 20 ? ` and ${parked.length - 20} more` : '';
  const known = parked.length
    ? `The dead letters in ${partition} have the offsets ${parked.slice(0, 20).join(', ')}${more}.`
    : `There are no dead letters in ${partition}.`;
  return new WorkbenchError(`There is no dead letter at ${text}. ${known}`);
}
