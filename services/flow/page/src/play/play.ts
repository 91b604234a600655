/** Plays one ride slowly: its steps one after the other on the map, whatever time they took. The picture is frozen meanwhile. */
import { computed, effect, signal } from '@preact/signals';
import type { RideStory, Step } from '../../../src/protocol.ts';
import { choice, story } from '../ride/choice.ts';
import { freeze, goLive, past } from '../time/shown.ts';

/** Of one step, in milliseconds: as much as a person needs to read it. */
const pace = 1500;

export interface Play {
  story: RideStory;
  /** Those of its steps that have happened, in their order. */
  steps: Step[];
  /** The one that is shown. */
  at: number;
  /** It goes on by itself. */
  runs: boolean;
}
export const play = signal<Play | null>(null);

/** The coordinates of what it has come to; null while nothing is played. */
export const reached = computed<Set<string> | null>(() => {
  const now = play.value;
  return now && new Set(now.steps.slice(0, now.at + 1).flatMap(({ coordinates }) => coordinates ?? []));
});

export const happened = ({ steps }: RideStory): Step[] =>
  steps.filter(({ state }) => state === 'done' || state === 'open');

export function start(): void {
  if (!story.value) return;
  freeze();
  play.value = { story: story.value, steps: happened(story.value), at: 0, runs: true };
}

export function end(): void {
  if (!play.value) return;
  play.value = null;
  goLive();
}

/** Shows one step, and stays there. */
export function goToStep(at: number): void {
  const now = play.value;
  if (now) play.value = { ...now, at: Math.max(0, Math.min(now.steps.length - 1, at)), runs: false };
}

/** Goes on, or stays. At its end it begins again. */
export function toggle(): void {
  const now = play.value;
  if (!now) return;
  const ended = now.at === now.steps.length - 1;
  play.value = { ...now, at: ended ? 0 : now.at, runs: ended || !now.runs };
}

/** Another ride that is chosen ends it, and so does a picture that goes on. */
export function keepPlay(): void {
  effect(() => {
    if (past.value === null) play.value = null;
  });
  effect(() => {
    const chosen = story.value?.ride ?? null;
    const playing = play.peek();
    if (playing && (choice.value === null || chosen !== playing.story.ride)) end();
  });
  effect(() => {
    const now = play.value;
    if (!now?.runs) return;
    const timer = setTimeout(() => {
      const last = now.at >= now.steps.length - 1;
      play.value = last ? { ...now, runs: false } : { ...now, at: now.at + 1 };
    }, pace);
    return () => clearTimeout(timer);
  });
}
