/** What each sign on the map means. */
import type { ComponentChildren } from 'preact';
import { Term } from '../glossary/Term.tsx';
import type { TermName } from '../glossary/terms.ts';

const sign = (drawing: ComponentChildren) => (
  <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
    {drawing}
  </svg>
);

const signs: [TermName, ComponentChildren, string?][] = [
  ['process', <rect x="-7.5" y="-5" width="15" height="10" rx="5" class="process" />],
  ['waiting', <circle r="5.5" class="fill" />],
  ['read', <circle r="5.5" class="fill faint" />],
  ['open transaction', <circle r="4.8" class="hollow" />, 'transaction open'],
  [
    'aborted',
    <>
      <circle r="4.8" class="hollow soft" />
      <path d="M-7 4 7 -4" class="strike" />
    </>,
  ],
  ['transaction marker', <rect x="-1" y="-7" width="2" height="14" class="quiet" />, 'marker'],
  ['rejected', <rect x="-5" y="-5" width="10" height="10" class="fill" />],
  ['dead letter', <path d="M0-7 7 0 0 7-7 0z" class="bad" />],
  [
    'lost',
    <>
      <circle r="4.8" class="hollow bad" />
      <path d="M-2.4-2.4 2.4 2.4M-2.4 2.4 2.4-2.4" class="strike" />
    </>,
  ],
  ['committed offset', <path d="M0-4 5 4H-5z" class="reader" />, 'committed offset and lag'],
];

const several: (typeof signs)[number] = [
  'several offsets',
  <>
    <circle r="5.5" class="fill" />
    <path d="M5.7-4.6A6 6 0 0 1 5.7 4.6" class="edge" />
  </>,
];

/** @param crowded whether a mark stands for more than one offset somewhere @param hidden there is no room for it */
export function Legend({ crowded, hidden }: { crowded: boolean; hidden: boolean }) {
  return (
    <ul class={`legend ${hidden ? 'hidden' : ''}`} aria-label="What the signs mean">
      {[...signs, ...(crowded ? [several] : [])].map(([term, drawing, words]) => (
        <li key={term}>
          {sign(drawing)}
          <Term of={term}>{words ?? term}</Term>
        </li>
      ))}
    </ul>
  );
}
