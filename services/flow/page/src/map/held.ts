/** Transactions that somebody holds open by a step or a pause. Pure. */
import type { Process, View } from '../../../src/protocol.ts';
import { laneKey } from '../model.ts';

export interface OpenHold {
  process: Process;
  /** Of the request. */
  request: string;
  /** Of the decision in the open transaction, where it is among the marks. */
  decision: { lane: string; offset: number } | null;
  /** When it commits by itself, in milliseconds since 1970. */
  until: number;
}

export function openHolds({ processes, lanes }: Pick<View, 'processes' | 'lanes'>): OpenHold[] {
  return processes.flatMap((process): OpenHold[] =>
    process.held.flatMap(({ coordinates: request, where, until }): OpenHold[] => {
      if (where !== 'in the open transaction' || until === null || process.state === 'gone') return [];
      for (const lane of lanes) {
        if (lane.kind !== 'decisions') continue;
        const mark = lane.marks.findLast(({ cause, state }) => cause === request && state === 'open');
        if (mark)
          return [{ process, request, decision: { lane: laneKey(lane), offset: mark.offset }, until }];
      }
      return [{ process, request, decision: null, until }];
    }),
  );
}

/** What ends it, as a sentence. */
export const whatEndsIt =
  'Step, Resume, Stop or another process that joins commits it. After kill -9 or Freeze it stays open until the process that takes over aborts it, or Kafka after five minutes.';
