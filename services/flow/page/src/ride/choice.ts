/** Which ride is followed: chosen by a mark, an id or the address, told by the flow process, fresh for as long as it is shown. */
import { computed, effect, signal } from '@preact/signals';
import type { RideStory } from '../../../src/protocol.ts';
import { get, Refused } from '../api.ts';
import { keep } from '../storage.ts';
import { view } from '../stream.ts';
import { wanted } from '../time/scroll.ts';

export type Tab = 'ride' | 'numbers' | 'dead letters' | 'log' | 'faults';
export const tab = signal<Tab>('ride');

/** A ride by its id, or by the coordinates of one of its messages. */
type Choice = { ride: string } | { message: string };
export const choice = signal<Choice | null>(null);
export const story = signal<RideStory | null>(null);
/** Why there is no story, as a sentence. */
export const problem = signal<string | null>(null);

/** From one question to the next, in milliseconds: while the map changes, and while nothing does. What a service tells changes no map. */
const least = 250;
const most = 1500;
/** The observer may see a ride a moment after it was booked: not known yet is no answer for so long. */
const patience = 4000;
let chosenAt = 0;
let askedAt = 0;
/** Nobody knows what was chosen: it is not asked for again. */
let unknown = false;
let asking: AbortController | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function choose(next: Choice | null): void {
  if (JSON.stringify(next) === JSON.stringify(choice.value)) {
    tab.value = 'ride';
    if (next && !asking) void refresh();
    return;
  }
  asking?.abort();
  clearTimeout(timer);
  const known = story.value;
  const same =
    next &&
    known &&
    ('ride' in next
      ? next.ride === known.ride
      : known.messages.some(({ coordinates }) => coordinates === next.message));
  choice.value = next;
  problem.value = null;
  tab.value = 'ride';
  chosenAt = Date.now();
  unknown = false;
  if (!same) story.value = null;
  if (!next) return;
  // Who has followed a ride needs the captions of a first visit no more.
  keep('visited', 'yes');
  void refresh();
}

/** Chooses a message by its coordinates, and brings it into sight on the map. */
export function showMessage(coordinates: string): void {
  choose({ message: coordinates });
  wanted.value = coordinates;
}

async function refresh(): Promise<void> {
  const asked = choice.value;
  if (!asked) return;
  asking = new AbortController();
  const { signal } = asking;
  askedAt = Date.now();
  try {
    const path = 'ride' in asked ? `rides/${encodeURIComponent(asked.ride)}` : `messages/${asked.message}`;
    const told = await get<RideStory>(`/api/${path}`, signal);
    if (signal.aborted) return;
    if (JSON.stringify(told) !== JSON.stringify(story.value)) story.value = told;
    problem.value = null;
    // Found by the end of its id: from now on it is this one, whatever comes.
    if ('ride' in asked && asked.ride !== told.ride) choice.value = { ride: told.ride };
  } catch (error) {
    if (signal.aborted) return;
    const isNew = 'ride' in asked && Date.now() - chosenAt < patience;
    const isUnknown = error instanceof Refused && error.status === 404;
    // After twice the time each: an id that is wrong is not asked for sixteen times.
    if (isNew && isUnknown) timer = setTimeout(() => void refresh(), Math.max(least, Date.now() - chosenAt));
    else {
      problem.value = error instanceof Error ? error.message : String(error);
      unknown = isUnknown;
    }
  } finally {
    if (asking?.signal === signal) asking = null;
  }
}

/**
 * Starts to follow. A ride is never finished: it can be decided or mailed again at any time, and what is unknown can become known.
 * So it is asked for again when something has changed, at most four times a second, and now and then when nothing has.
 */
export function follow(): void {
  effect(() => {
    if (!view.value || !story.peek() || asking) return;
    clearTimeout(timer);
    const age = Date.now() - chosenAt;
    timer = setTimeout(
      () => void refresh(),
      Math.max(0, askedAt + (age > 20_000 ? 4 * least : least) - Date.now()),
    );
  });
  setInterval(() => {
    if (choice.value && !unknown && !document.hidden && !asking && Date.now() - askedAt >= most)
      void refresh();
  }, most);
}

/** The coordinates of what is ringed on the map. */
export const ringed = computed<Set<string>>(() => {
  // A dead letter has no place on a lane; the message that it is a copy of has.
  const names = (story.value?.messages ?? []).map(({ coordinates, cause }) =>
    isParked(coordinates) && cause ? cause : coordinates,
  );
  const chosen = choice.value;
  return new Set(chosen && 'message' in chosen ? [...names, chosen.message] : names);
});

const isParked = (coordinates: string) => coordinates.includes('.dlq/');

/** From each message of the ride to the one that it caused. */
export const links = computed<{ from: string; to: string }[]>(() =>
  (story.value?.messages ?? []).flatMap(({ coordinates, cause }) =>
    cause ? [{ from: cause, to: coordinates }] : [],
  ),
);
