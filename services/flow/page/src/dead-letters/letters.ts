/** The dead letters as the flow process lists them: asked for again when something was parked or settled. */
import { effect, signal } from '@preact/signals';
import type { DeadLetterView } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { view } from '../stream.ts';

export const letters = signal<DeadLetterView[] | null>(null);
export const trouble = signal<string | null>(null);

const least = 1000;

/** Keeps the list fresh until the returned function is called. */
export function watchLetters(): () => void {
  let seen = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let askedAt = 0;
  const load = async () => {
    askedAt = Date.now();
    try {
      letters.value = await get<DeadLetterView[]>('/api/dead-letters');
      trouble.value = null;
    } catch (error) {
      trouble.value = (error as Error).message;
    }
  };
  const stop = effect(() => {
    const ends = (view.value?.lanes ?? [])
      .filter(({ kind }) => kind === 'dead letters')
      .map(({ end, stable }) => `${end} ${stable}`);
    if (ends.join() === seen) return;
    seen = ends.join();
    clearTimeout(timer);
    timer = setTimeout(() => void load(), Math.max(0, askedAt + least - Date.now()));
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
