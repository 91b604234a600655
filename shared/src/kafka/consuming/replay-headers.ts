/**
 * A replay: a dead letter that the workbench (infra/dlq) put on its reader's topic again. All readers of a topic see what is
 * on it, so a replay names the one that it is for. To the others it is done as soon as it is read.
 */
import { header, type RawRecord } from '../../reading.ts';

/** Header: the reader that a replay is for. */
export const replayFor = 'replay_for';
/** Header: the coordinates of the dead letter that a replay was made from. */
export const replayedFrom = 'replayed_from';

/** Whether this record is a replay that does not concern `reader`. */
export function isForAnother(record: Pick<RawRecord, 'headers'>, reader: string): boolean {
  const wanted = header(record, replayFor);
  return wanted !== undefined && wanted !== reader;
}
