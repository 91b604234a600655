/**
 * Handles a committed offset that is outside the log: messages expired before their reader handled them, or the log was
 * truncated or recreated. Every case is reported.
 */
import type { Service } from '../../service.ts';
import type { ReaderName } from '../../topology.ts';
import type { GoOn, OutOfRange } from '../client/repairs/out-of-range.ts';
import type { AssignedPartition } from '../guarantees/guarantee.ts';
import { consumerMetricsOf } from './metrics.ts';

/** @param assigned the current partition assignment of the reader */
export function goOnWhereTheLogIs(
  service: Service<ReaderName>,
  assigned: ReadonlyMap<number, AssignedPartition>,
): GoOn {
  return async (place) => {
    const partition = assigned.get(place.partition);
    if (!partition) throw new Error('the partition was reassigned');
    // The consumer may have read the committed offset before the last commit of its predecessor.
    const start = await partition.begin();
    if (start !== null && start !== place.position) return { offset: start, commit: false };
    const offset = isBelow(place.position, place.start) ? place.start : place.end;
    await partition.moveTo?.(offset);
    if (!partition.isNew) reportOutOfRange(service, place);
    return { offset, commit: partition.longestHold === undefined };
  };
}

/** Logs an error with both offsets, and counts deleted messages. */
export function reportOutOfRange(
  service: Service<ReaderName>,
  { topic, partition, position, start, end }: OutOfRange,
): void {
  const at = { topic, partition, committed: position };
  const { log } = service;
  if (!isBelow(position, start)) {
    log.error(
      { ...at, logEnd: end },
      'the committed offset is beyond the end of the log, which was truncated or recreated: the partition continues from the end, ' +
        'and messages that were written meanwhile are not handled',
    );
    return;
  }
  const gone = Number(BigInt(start) - BigInt(position));
  log.error(
    { ...at, logStart: start, gone },
    `up to ${gone} messages were deleted before they were handled: the log now starts after the committed offset, and the partition continues from there`,
  );
  consumerMetricsOf(service).expired.inc({ topic }, gone);
}

const isBelow = (offset: string, other: string) => BigInt(offset) < BigInt(other);
