/** The marks of older offsets, for whoever scrolls a lane back: made from the messages and markers that are kept. */
import type { Recent as Bounded } from '@rideflow/shared/recent.ts';
import type { Mark } from '../protocol.ts';
import { type Marker, markOf } from './lane.ts';
import { coordinatesOf, type Recent } from './recent.ts';

const most = 1000;

export interface Sources {
  recent: Recent;
  markers: Bounded<Marker>;
  /** Of a request that nothing has become of: what is known of it now. */
  fateOf(partition: number, offset: number): Mark['fate'] | null;
}

export interface Wanted {
  topic: string;
  partition: number;
  /** Offsets from, up to and without `to`. */
  from: number;
  to: number;
  /** As they were then, in milliseconds since 1970; null: as they are. */
  at: number | null;
}

/** The newest 1000 of those that are kept, oldest first. */
export function olderMarks(
  { recent, markers, fateOf }: Sources,
  { topic, partition, from, to, at }: Wanted,
): Mark[] {
  const before = at ?? Number.POSITIVE_INFINITY;
  const marks: Mark[] = [];
  for (let offset = to - 1; offset >= Math.max(from, 0) && marks.length < most; offset--) {
    const coordinates = `${topic}/${partition}/${offset}`;
    const marker = markers.get(coordinates);
    if (marker && marker.at <= before)
      marks.push({ offset, what: marker.what, state: marker.what === 'commit' ? 'committed' : 'aborted' });
    const message = recent.at(coordinates);
    if (!message || message.glance.timestamp > before) continue;
    const { glance, state, endedAt } = message;
    const mark = markOf(glance, endedAt !== null && endedAt > before ? 'open' : state);
    const letter = recent.letterOf(coordinates);
    if (letter && letter.glance.timestamp <= before) mark.deadLetter = coordinatesOf(letter);
    // When its fate became known is not kept.
    const fate = topic === 'ride_details' && at === null ? fateOf(partition, offset) : null;
    if (fate) mark.fate = fate;
    marks.push(mark);
  }
  return marks.reverse();
}
