import type { ComponentChildren } from 'preact';
import { book, booking } from './book.ts';

export function BookButton({ children, main = false }: { children: ComponentChildren; main?: boolean }) {
  return (
    <button type="button" class={main ? 'go' : ''} disabled={booking.value} onClick={() => void book()}>
      {children}
    </button>
  );
}
