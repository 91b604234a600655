/** A popover of the browser beside what was pressed: Escape or a click elsewhere closes it. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** What a popover shows, and beside which element; null while it is closed. */
export type Shown<T> = Signal<{ of: T; anchor: HTMLElement } | null>;

let closed: { anchor: HTMLElement | null; at: number } = { anchor: null, at: 0 };

export function openBeside<T>(shown: Shown<T>, of: T, anchor: HTMLElement): void {
  // The click that closed it as a click elsewhere is no wish to see it again.
  if (closed.anchor === anchor && performance.now() - closed.at < 250) return;
  shown.value = { of, anchor };
}

interface Props<T> {
  shown: Shown<T>;
  /** false: there is nothing to show any more. */
  open?: boolean;
  role: 'dialog' | 'status';
  class?: string;
  label?: string;
  children: ComponentChildren;
}

/** Stands once on the page for each kind of thing that is shown. */
export function Popover<T>({ shown, open = true, role, class: name = '', label, children }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const at = shown.value;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const isOpen = element.matches(':popover-open');
    if (!open || !at) {
      if (isOpen) element.hidePopover();
      return;
    }
    if (!isOpen) element.showPopover();
    const anchor = at.anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const below = anchor.bottom + 6 + height < innerHeight;
    element.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
    element.style.top = `${below ? anchor.bottom + 6 : Math.max(8, anchor.top - 6 - height)}px`;
  }, [at, open]);
  return (
    <div
      ref={box}
      class={`explanation ${name}`}
      popover="auto"
      role={role}
      {...(label !== undefined && { 'aria-label': label })}
      onBeforeToggle={({ newState }) => {
        if (newState !== 'closed' || !shown.value) return;
        closed = { anchor: shown.value.anchor, at: performance.now() };
        shown.value = null;
      }}
    >
      {children}
    </div>
  );
}
