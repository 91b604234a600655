/** A word that explains itself where it stands: a button with a dotted line below it, and one explanation at a time. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type TermName, terms } from './terms.ts';

const shown = signal<{ name: TermName; anchor: HTMLElement } | null>(null);

let closed: { anchor: HTMLElement | null; at: number } = { anchor: null, at: 0 };

/** @param of which term, where the word on the page is another one */
export function Term({ of, children }: { of: TermName; children?: ComponentChildren }) {
  return (
    <button
      type="button"
      class="term"
      aria-label={`${typeof children === 'string' ? children : of}: what it means`}
      onClick={({ currentTarget }) => {
        // The click that closed it as a click elsewhere is no wish to see it again.
        if (closed.anchor === currentTarget && performance.now() - closed.at < 250) return;
        shown.value =
          shown.value?.anchor === currentTarget ? null : { name: of, anchor: currentTarget as HTMLElement };
      }}
    >
      {children ?? of}
    </button>
  );
}

/** Stands once on the page. Escape, a click elsewhere or scrolling closes it (the popover of the browser). */
export function Explanation() {
  const box = useRef<HTMLDivElement>(null);
  const now = shown.value;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const isOpen = element.matches(':popover-open');
    if (!now && isOpen) element.hidePopover();
    if (!now) return;
    if (!isOpen) element.showPopover();
    const word = now.anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const below = word.bottom + 6 + height < innerHeight;
    element.style.left = `${Math.max(8, Math.min(word.left, innerWidth - width - 8))}px`;
    element.style.top = `${below ? word.bottom + 6 : Math.max(8, word.top - 6 - height)}px`;
  }, [now]);
  return (
    <div
      ref={box}
      class="explanation"
      popover="auto"
      role="status"
      onBeforeToggle={({ newState }) => {
        if (newState !== 'closed' || !shown.value) return;
        closed = { anchor: shown.value.anchor, at: performance.now() };
        shown.value = null;
      }}
    >
      {now && (
        <>
          <dfn>{now.name}</dfn>
          <p>{terms[now.name]}</p>
        </>
      )}
    </div>
  );
}
