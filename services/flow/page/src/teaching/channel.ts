/** Between the page and the presenter's window: which lesson runs, and what the presenter presses. */
import { effect } from '@preact/signals';
import { back, next, type Run, run } from './run.ts';

export type Said = { run: Run | null } | { press: 'next' | 'back' } | 'ask';

export const openChannel = () => new BroadcastChannel('rideflow lessons');

/** Tells the presenter's window, and does what is pressed there. */
export function keepChannel(): void {
  const channel = openChannel();
  const tell = () => channel.postMessage({ run: run.peek() } satisfies Said);
  channel.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if (data === 'ask') {
      if (run.peek()) tell();
    } else if ('press' in data && run.peek()) data.press === 'next' ? void next() : back();
  });
  let told = false;
  effect(() => {
    if (!run.value && !told) return; // a page without a lesson has nothing to say
    told = true;
    tell();
  });
}

export const openNotes = (): void =>
  void window.open('/notes', 'rideflow notes', 'popup,width=620,height=760');
