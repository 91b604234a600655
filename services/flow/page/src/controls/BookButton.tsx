import type { ComponentChildren } from 'preact';
import { watches } from '../share/watches.ts';
import { book, booking } from './book.ts';

export function BookButton({ children, main = false }: { children: ComponentChildren; main?: boolean }) {
  if (watches) return null;
  return (
    <button
      type="button"
      class={main ? 'go' : ''}
      aria-disabled={booking.value}
      onClick={() => booking.value || void book()}
    >
      {children}
    </button>
  );
}
