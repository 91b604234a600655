/** Turns a dead letter into the message to send again, and into the mark of its replay. Pure functions. */
import { gzipSync } from 'node:zlib';
import { Unprocessable } from '../errors.ts';
import { replayedFrom, replayFor } from '../kafka/consuming/replay-headers.ts';
import { originalHeaders } from '../kafka/writing/dead-letter-record.ts';
import type { OutgoingRecord } from '../kafka/writing/records.ts';
import { sizeOf } from '../kafka/writing/size.ts';
import { formatCoordinates, header, type RawRecord, read, shortHeader } from '../reading.ts';
import { topology } from '../topology.ts';
import { WorkbenchError } from './errors.ts';
import type { DeadLetter, Resolved } from './parked.ts';

/** Changes the parked value into the value of the replay. @throws WorkbenchError */
export type Change = (value: Buffer | null) => Buffer | null;

/** In bytes. A topic accepts 1 MiB. A larger message was compressed by its writer and is compressed again. */
export const largestUncompressed = 900_000;
const largest = 1_000_000;

/**
 * The message for its reader's topic: same partition, original key and headers, and the original identity, so readers
 * recognise it as the same message.
 * @param change the change of the value, if any
 * @param asIs replays it even if the reader would park it again
 * @throws WorkbenchError with the reason why it cannot be replayed like this
 */
export function toReplay(
  letter: DeadLetter,
  record: RawRecord,
  change: Change | undefined,
  asIs: boolean,
): OutgoingRecord {
  if (letter.truncated && !change)
    throw new WorkbenchError(`it is incomplete (${letter.truncated}). Give it a complete value`);
  const value = change ? change(record.value) : record.value;
  const { partition } = letter.coordinates;
  const replay: OutgoingRecord = {
    topic: topology[letter.reader].reads,
    partition,
    key: record.key,
    value,
    headers: {
      ...originalHeaders(record.headers),
      ce_id: originalIdentity(letter, record),
      [replayFor]: letter.reader,
      [replayedFrom]: formatCoordinates(letter.coordinates),
    },
  };
  if (!asIs) expectReadable(letter, { ...record, headers: replay.headers, value });
  const size = sizeOf(replay);
  if (size > largestUncompressed && compressedSizeOf(replay) > largest)
    throw new WorkbenchError(`its ${size} bytes exceed the limit of the topic`);
  return replay;
}

/** The mark on the dead-letter topic. It has headers and no value. */
export function toMark(letter: DeadLetter, { by, at, as, run }: Resolved): OutgoingRecord {
  const { topic, partition } = letter.coordinates;
  return {
    topic,
    partition,
    key: null,
    value: null,
    headers: {
      resolved: formatCoordinates(letter.coordinates),
      resolved_by: by,
      at,
      run,
      ...(as !== null && { as }),
    },
  };
}

/** Approximate size for Kafka, in bytes. */
function compressedSizeOf({ key, value, headers }: OutgoingRecord): number {
  const texts = [key, value, ...Object.entries(headers).flat(2)];
  return gzipSync(Buffer.concat(texts.map((text) => Buffer.from(text ?? '')))).length;
}

/** The original ce_id; left out if it is too long for an identity, so the replay can be processed. */
function originalIdentity({ from, coordinates }: DeadLetter, record: RawRecord): string {
  const own = shortHeader(record, 'ce_id');
  if (own) return own;
  const timestamp = header(record, 'dead_letter_timestamp'); // version 1.0 wrote no such header, and its identities have no timestamp
  const place = from ?? formatCoordinates(coordinates);
  return from === null || timestamp === undefined ? place : `${place}@${timestamp}`;
}

function expectReadable({ reader, coordinates }: DeadLetter, record: RawRecord) {
  try {
    read(topology[reader].reads, coordinates.partition, record);
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    throw new WorkbenchError(`${reader} would park it again (${error.message}). Edit it first`);
  }
}
