/** The moment that the page shows: now, or one of the last minutes. The system goes on all the same. */
import { computed, signal } from '@preact/signals';
import type { View } from '../../../src/protocol.ts';
import { now } from '../now.ts';
import { view } from '../stream.ts';
import { History, type Moment } from './history.ts';

const history = new History();
/** null: now. */
export const past = signal<Moment | null>(null);
/** What the map, the sum and the charts show. */
export const shown = computed<View | null>(() => past.value?.view ?? view.value);
/** The time of what is shown, in milliseconds since 1970. */
export const shownAt = computed(() => past.value?.at ?? now.value);

/** @param at milliseconds since 1970 */
export function remember(view: View, at: number): void {
  history.add({ at, view });
}

export function forget(): void {
  history.clear();
  past.value = null;
}

/** The oldest moment that can be shown, in milliseconds since 1970. */
export const oldest = (): number => history.first?.at ?? now.peek();

export function freeze(): void {
  if (view.value) past.value = { at: Date.now(), view: view.value };
}

export function goLive(): void {
  past.value = null;
}

/** @param at milliseconds since 1970 */
export function goTo(at: number): void {
  const moment = history.at(at);
  if (moment) past.value = { at, view: moment.view };
}
