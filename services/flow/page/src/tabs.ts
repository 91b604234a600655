/** The tabs of the side panel, in their order. A page that only watches can settle no dead letters and make nothing fail. */
import type { Tab } from './ride/choice.ts';
import { watches } from './share/watches.ts';

export const tabs: { name: Tab; title: string }[] = [
  { name: 'ride', title: 'This ride' },
  { name: 'numbers', title: 'Numbers' },
  ...(watches ? [] : [{ name: 'dead letters' as const, title: 'Dead letters' }]),
  { name: 'log', title: 'Log' },
  { name: 'faults', title: watches ? 'Run your own' : 'Faults' },
];
