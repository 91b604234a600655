/** Which dead letters lie in the bin. Pure. */
import type { Lane } from '../../../src/protocol.ts';
import { laneKey } from '../model.ts';

export interface Parked {
  coordinates: string;
  /** Of the message that could not be processed. */
  cause: string | null;
  reader: string;
}

/** Those that were neither replayed nor dropped, the newest of each partition first. */
export function parked(lanes: Lane[]): Parked[] {
  return lanes
    .filter(({ kind }) => kind === 'dead letters')
    .flatMap((lane) => {
      const settled = new Set(
        lane.marks.flatMap(({ what, cause }) => (what === 'settled' && cause ? [cause] : [])),
      );
      return lane.marks
        .filter(({ what, state }) => (what === 'message' || what === 'rejected') && state !== 'aborted')
        .map(({ offset, cause }) => ({
          coordinates: `${laneKey(lane)}/${offset}`,
          cause: cause ?? null,
          reader: lane.topic.split('.')[1] ?? lane.topic,
        }))
        .filter(({ coordinates }) => !settled.has(coordinates))
        .reverse();
    });
}
