/** What the pointer or the keyboard is on. */
import { signal } from '@preact/signals';

export interface Pointed {
  /** `topic/partition` */
  lane: string;
  offset: number;
}
export const pointed = signal<Pointed | null>(null);
/** The one lane that Tab leads to; the arrow keys lead to the others. */
export const tabLane = signal<string | null>(null);
