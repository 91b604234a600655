/** A link to this very moment: the ride or message that is chosen, the tab, and the time, as far as they are still known later. */
import { signal } from '@preact/signals';
import { choice, story, tab } from '../ride/choice.ts';
import { tabs } from '../tabs.ts';

/** When the link was made that this page was opened with, in milliseconds since 1970; null: by another one. */
export const moment = signal<number | null>(null);

/** @param base where the page is, for whoever gets the link */
export function linkToNow(base: string, now = Date.now()): string {
  const chosen = choice.value;
  const ride = story.value?.ride ?? (chosen && ('ride' in chosen ? chosen.ride : chosen.message));
  const url = new URL(ride ? `/rides/${encodeURIComponent(ride)}` : '/', base);
  url.searchParams.set('tab', tab.value);
  url.searchParams.set('at', new Date(now).toISOString());
  return url.href;
}

/** Shows what the address of the page says beside the ride. */
export function takeMoment(address: string): void {
  const { searchParams } = new URL(address);
  const wanted = tabs.find(({ name }) => name === searchParams.get('tab'));
  const at = Date.parse(searchParams.get('at') ?? '');
  if (wanted) tab.value = wanted.name;
  if (!Number.isNaN(at)) moment.value = at;
}
