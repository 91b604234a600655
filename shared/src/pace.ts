/** Slow motion, pause and single step of what a process reads. */
import type { PaceState } from './feed.ts';

export class Pace {
  readonly state: PaceState = { delay: 0, paused: false, step: false };
  constructor(_changed: () => void) {}
}
