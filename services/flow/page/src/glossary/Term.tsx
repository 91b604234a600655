/** A word that explains itself where it stands: a button with a dotted line below it, and one explanation at a time. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { openBeside, Popover, type Shown } from '../Popover.tsx';
import { type TermName, terms } from './terms.ts';

const shown: Shown<TermName> = signal(null);

/** @param of which term, where the word on the page is another one */
export function Term({ of, children }: { of: TermName; children?: ComponentChildren }) {
  return (
    <button
      type="button"
      class="term"
      aria-label={`${typeof children === 'string' ? children : of}: what it means`}
      onClick={({ currentTarget }) => {
        if (shown.value?.anchor === currentTarget) shown.value = null;
        else openBeside(shown, of, currentTarget);
      }}
    >
      {children ?? of}
    </button>
  );
}

export function Explanation() {
  const name = shown.value?.of;
  return (
    <Popover shown={shown} role="status">
      {name && (
        <>
          <dfn>{name}</dfn>
          <p>{terms[name]}</p>
        </>
      )}
    </Popover>
  );
}
