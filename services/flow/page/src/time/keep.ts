/** Keeps the last minutes: also while nobody looks at the page. */
import type { View } from '../../../src/protocol.ts';
import { laneKey } from '../model.ts';
import { scrollBack } from './scroll.ts';
import { forget, remember } from './shown.ts';

/** @param at milliseconds since 1970 */
export function keepTime(next: View, before: View | null, at: number): void {
  const ends = new Map(before?.lanes.map((lane) => [laneKey(lane), lane.end]));
  // Topics that were made anew have no past.
  if (next.lanes.some((lane) => lane.end < (ends.get(laneKey(lane)) ?? 0))) {
    forget();
    scrollBack();
  }
  remember(next, at);
}
