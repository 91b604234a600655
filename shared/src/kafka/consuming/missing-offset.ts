/**
 * What happens when the log does not have a partition's committed offset: messages expired before their reader came to them, or the
 * log was truncated or created again. Every case is reported.
 */
import type { Service } from '../../service.ts';
import type { ReaderName } from '../../topology.ts';
import type { GoOn, OutOfRange } from '../client/repairs/out-of-range.ts';
import type { AssignedPartition } from '../guarantees/guarantee.ts';
import { consumerMetricsOf } from './metrics.ts';

/** @param assigned the partitions that the reader has now */
export function goOnWhereTheLogIs(
  service: Service<ReaderName>,
  assigned: ReadonlyMap<number, AssignedPartition>,
): GoOn {
  return async (place) => {
    const partition = assigned.get(place.partition);
    if (!partition) throw new Error('the partition was assigned anew');
    // The consumer may have asked for the committed offset before the predecessor's last commit was through.
    const start = await partition.begin();
    if (start !== null && start !== place.position) return { offset: start, commit: false };
    const offset = isBelow(place.position, place.start) ? place.start : place.end;
    await partition.moveTo?.(offset);
    if (!partition.isNew) reportOutOfRange(service, place);
    return { offset, commit: partition.longestHold === undefined };
  };
}

/** An error line with both offsets, and for messages that are gone, a counter. */
export function reportOutOfRange(
  service: Service<ReaderName>,
  { topic, partition, position, start, end }: OutOfRange,
): void {
  const at = { topic, partition, committed: position };
  const { log } = service;
  if (!isBelow(position, start)) {
    log.error(
      { ...at, logEnd: end },
      'the committed offset is beyond the end of the log, which was truncated or created again: the partition continues from the end, ' +
        'and messages that were written in the meantime are not handled',
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
