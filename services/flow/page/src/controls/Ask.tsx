/** A button that asks for one thing, and waits for its answer. */
import type { ComponentChildren } from 'preact';
import { busy, control } from './state.ts';

interface Props {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  children: ComponentChildren;
  pressed?: boolean;
  disabled?: boolean;
  label?: string;
}

export function Ask({ method, path, body, children, pressed, disabled = false, label }: Props) {
  const waits = busy.value === `${method} ${path}`;
  return (
    <button
      type="button"
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      {...(label !== undefined && { 'aria-label': label })}
      disabled={disabled}
      // Not disabled while it waits: a button that is loses the focus.
      aria-disabled={waits}
      onClick={() => waits || void control(method, path, body)}
    >
      {children}
    </button>
  );
}
