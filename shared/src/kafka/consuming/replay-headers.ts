/**
 * A replay is a dead letter that the workbench (infra/dlq) sent to its reader's topic again. All readers of the topic see it,
 * so a replay names its reader. The others skip it.
 */
import { header, type RawRecord } from '../../reading.ts';

/** Header: the reader that a replay is for. */
export const replayFor = 'replay_for';
/** Header: the coordinates of the dead letter that was replayed. */
export const replayedFrom = 'replayed_from';

/** Whether this record is a replay for a reader other than `reader`. */
export function isForAnother(record: Pick<RawRecord, 'headers'>, reader: string): boolean {
  const wanted = header(record, replayFor);
  return wanted !== undefined && wanted !== reader;
}
