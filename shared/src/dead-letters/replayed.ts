/** A dead letter as the message that is sent again, and the mark that this happened: pure functions. */
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

/** The value of a replay, from the value that was parked. @throws WorkbenchError */
export type Change = (value: Buffer | null) => Buffer | null;

/** In bytes. A topic takes 1 MiB; what is larger was compressed by its writer and is compressed again. */
export const largestUncompressed = 900_000;
const largest = 1_000_000;

/**
 * The message for its reader's topic: same partition, original key and headers, and the original's identity, so that
 * whoever knows it already recognises it.
 * @param change what is to be different in the value
 * @param asIs also when the reader would only park it again
 * @throws WorkbenchError why it cannot be replayed like this
 */
export function toReplay(
  letter: DeadLetter,
  record: RawRecord,
  change: Change | undefined,
  asIs: boolean,
): OutgoingRecord {
  if (letter.truncated && !change)
    throw new WorkbenchError(`it is not whole (${letter.truncated}): give it a whole value`);
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
    throw new WorkbenchError(`its ${size} bytes are more than Kafka takes on a topic`);
  return replay;
}

/** The mark on the dead-letter topic. It has no value: its headers say it all. */
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

/** About what Kafka gets of it, in bytes. */
function compressedSizeOf({ key, value, headers }: OutgoingRecord): number {
  const texts = [key, value, ...Object.entries(headers).flat(2)];
  return gzipSync(Buffer.concat(texts.map((text) => Buffer.from(text ?? '')))).length;
}

/** Of the original; one that is too long for an identity gives way, so that the replay can be processed. */
function originalIdentity({ from, coordinates }: DeadLetter, record: RawRecord): string {
  const own = shortHeader(record, 'ce_id');
  if (own) return own;
  const timestamp = header(record, 'dead_letter_timestamp'); // version 1.0 wrote none, and had no timestamp in an identity
  const place = from ?? formatCoordinates(coordinates);
  return from === null || timestamp === undefined ? place : `${place}@${timestamp}`;
}

function expectReadable({ reader, coordinates }: DeadLetter, record: RawRecord) {
  try {
    read(topology[reader].reads, coordinates.partition, record);
  } catch (error) {
    if (!(error instanceof Unprocessable)) throw error;
    throw new WorkbenchError(`${reader} would park it again (${error.message}): edit it first`);
  }
}
