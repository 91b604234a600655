/** Several rides of one customer side by side: which there are, which are shown, and their stories, fresh while they are shown. */
import { effect, signal } from '@preact/signals';
import type { RideStory, RidesOfCustomer } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { choice } from '../ride/choice.ts';

export interface Comparison {
  customer: string;
  /** Newest first; null: not known yet. */
  rides: RidesOfCustomer['rides'] | null;
  /** The ids of those that are shown. */
  chosen: string[];
  stories: ReadonlyMap<string, RideStory>;
}
export const comparison = signal<Comparison | null>(null);

/** Columns that can be read beside each other. */
export const most = 4;
/** From one question to the next, in milliseconds. */
const again = 1000;

/** @param ride the one that is shown in any case, with the two newest others */
export function compare(customer: string, ride: string): void {
  comparison.value = { customer, rides: null, chosen: [ride], stories: new Map() };
  void refresh(true);
}

export function toggle(ride: string): void {
  const now = comparison.value;
  if (!now) return;
  const without = now.chosen.filter((one) => one !== ride);
  const added =
    without.length < now.chosen.length || now.chosen.length >= most ? without : [...without, ride];
  comparison.value = { ...now, chosen: added };
  void refresh();
}

async function refresh(first = false): Promise<void> {
  const asked = comparison.value;
  if (!asked) return;
  const { customer } = asked;
  const of = `/api/customers/${encodeURIComponent(customer)}/rides`;
  const rides = await get<RidesOfCustomer>(of).then(
    (answer) => answer.rides,
    () => asked.rides,
  );
  const now = comparison.value;
  if (now?.customer !== customer) return;
  const others = (rides ?? []).map(({ ride }) => ride).filter((ride) => !now.chosen.includes(ride));
  const chosen = first ? [...now.chosen, ...others.slice(0, 2)] : now.chosen;
  comparison.value = { ...now, rides, chosen };
  // Without an answer, what was known stays.
  const told = await Promise.all(
    chosen.map((ride) => get<RideStory>(`/api/rides/${encodeURIComponent(ride)}`).catch(() => null)),
  );
  if (comparison.value?.customer !== customer) return;
  const stories = new Map(comparison.value.stories);
  for (const [index, story] of told.entries()) if (story) stories.set(chosen[index] as string, story);
  comparison.value = { ...comparison.value, stories };
}

/** Follows what is shown; whatever is chosen on the page ends it. */
export function keepComparison(): void {
  setInterval(() => !document.hidden && void refresh(), again);
  let before = choice.peek();
  effect(() => {
    if (choice.value !== before) comparison.value = null;
    before = choice.value;
  });
}
