/** Lanes that are scrolled back over what is kept, and the older marks that they show. */
import { computed, effect, signal } from '@preact/signals';
import type { Lane, Mark, OlderMarks } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { laneKey } from '../model.ts';
import { past, shown } from './shown.ts';

/** Coordinates of a message that is to come into sight; the map does it. */
export const wanted = signal<string | null>(null);

interface Window {
  /** The offset after the newest that is in sight; between two offsets while somebody drags. */
  end: number;
  /** So many offsets are in sight. */
  size: number;
}

/** By `topic/partition`; the other lanes follow their newest message. */
const windows = signal<ReadonlyMap<string, Window>>(new Map());
/** What was fetched for them. */
const older = signal<ReadonlyMap<string, Mark[]>>(new Map());
/** In milliseconds: from one scroll to the question, and between questions while what is in sight can still change. */
const [soon, again] = [80, 2000];

/** The offset at the right end of a lane. */
export const endOf = (lane: Lane): number =>
  Math.min(windows.value.get(laneKey(lane))?.end ?? lane.end, lane.end);

/** The lanes of the picture, with the older marks of those that are scrolled back. */
export const lanesInSight = computed<Lane[]>(() => {
  const [fetched, scrolled] = [older.value, windows.value];
  const lanes = shown.value?.lanes ?? [];
  if (scrolled.size === 0) return lanes;
  return lanes.map((lane) => {
    const marks = scrolled.has(laneKey(lane)) && fetched.get(laneKey(lane));
    const first = lane.marks[0]?.offset ?? lane.end;
    return marks
      ? { ...lane, marks: [...marks.filter(({ offset }) => offset < first), ...lane.marks] }
      : lane;
  });
});

/** @param end the offset after the newest that is to be in sight @param size how many are */
export function scrollTo(lane: Lane, end: number, size: number): void {
  const key = laneKey(lane);
  const next = new Map(windows.peek());
  const to = Math.max(end, Math.min(lane.end, lane.start + size));
  if (to < lane.end) next.set(key, { end: to, size });
  else next.delete(key);
  windows.value = next;
}

/** All lanes follow their newest message again. */
export function scrollBack(): void {
  windows.value = new Map();
}

/** Asks for what is in sight: after each scroll, and again and again, because a message of now can still change. */
export function keepOlder(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const wanted = windows.value;
    const at = past.value?.at ?? null;
    clearTimeout(timer);
    if (wanted.size === 0) older.value = new Map();
    else timer = setTimeout(() => void load(), soon);
    async function load() {
      await Promise.all([...wanted].map(([lane, window]) => loadLane(lane, window, at)));
      if (at === null && wanted === windows.peek()) timer = setTimeout(() => void load(), again);
    }
  });
}

async function loadLane(lane: string, { end, size }: Window, at: number | null): Promise<void> {
  // Of the one at the left edge, half is in sight.
  const from = Math.max(0, Math.floor(end - size - 1));
  const moment = at === null ? '' : `&at=${Math.floor(at)}`;
  // Without an answer, what was fetched before stays.
  const answer = await get<OlderMarks>(`/api/lanes/${lane}?from=${from}&to=${Math.ceil(end)}${moment}`).catch(
    () => null,
  );
  const isWanted = windows.peek().get(lane)?.end === end && (past.peek()?.at ?? null) === at;
  if (answer && isWanted) older.value = new Map(older.peek()).set(lane, answer.marks);
}
