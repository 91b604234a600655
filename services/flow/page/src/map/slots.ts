/** What is drawn in each slot of a lane. Pure. */
import type { Group, Lane, Mark } from '../../../src/protocol.ts';

export interface Slot {
  /** The offsets that it stands for: from, up to and without `to`. */
  from: number;
  to: number;
  look: 'message' | 'rejected' | 'dead letter' | 'passed' | 'lost' | 'commit' | 'abort' | 'unknown';
  state: Mark['state'];
  /** All its readers have finished it. */
  read: boolean;
  /** Of one message, where it is known. */
  customer?: string | undefined;
}

/** First offset that some reader has not finished. `end` where nobody reads. */
export function finished(lane: Lane, readers: Group[]): number {
  const places = readers.map(({ partitions }) => partitions[lane.partition]?.committed ?? -1);
  return places.length === 0
    ? lane.end
    : Math.min(...places.map((place) => (place < 0 ? lane.start : place)));
}

/** @param n offsets per slot @param first the oldest offset that is in sight @param last the one after the newest */
export function slotsOf(lane: Lane, readers: Group[], n: number, first: number, last = lane.end): Slot[] {
  const done = finished(lane, readers);
  const slots: Slot[] = [];
  let i = 0;
  const from = Math.max(lane.start, Math.floor(first / n) * n);
  for (let at = Math.floor(from / n) * n; at < Math.min(last, lane.end); at += n) {
    const to = Math.min(at + n, lane.end);
    while ((lane.marks[i]?.offset ?? Number.POSITIVE_INFINITY) < at) i++;
    const marks: Mark[] = [];
    for (let mark = lane.marks[i]; mark && mark.offset < to; mark = lane.marks[++i]) marks.push(mark);
    slots.push({
      from: Math.max(at, lane.start),
      to,
      read: to <= done,
      customer: n === 1 ? marks[0]?.customer : undefined,
      ...together(marks, n),
    });
  }
  return slots;
}

/** Of several marks in one slot, the one that a reader must not overlook is shown. */
function together(marks: Mark[], n: number): Pick<Slot, 'look' | 'state'> {
  const messages = marks.filter(({ what }) => what === 'message' || what === 'rejected');
  if (marks.some(({ deadLetter }) => deadLetter)) return { look: 'dead letter', state: 'plain' };
  const lost = messages.find(({ fate }) => fate === 'lost') ?? messages.find(({ fate }) => fate);
  if (lost?.fate) return { look: lost.fate, state: 'plain' };
  const open = messages.find(({ state }) => state === 'open');
  const shown = open ?? messages.find(({ state }) => state !== 'aborted') ?? messages[0] ?? marks[0];
  // Of what is too old to be kept, only its offsets are known: a crowd of messages, or one of which nothing is known.
  if (!shown) return { look: n > 1 ? 'message' : 'unknown', state: 'plain' };
  if (shown.what === 'commit' || shown.what === 'abort') return { look: shown.what, state: 'plain' };
  const look = messages.every(({ what }) => what === 'rejected') ? 'rejected' : 'message';
  return { look, state: shown.state };
}
