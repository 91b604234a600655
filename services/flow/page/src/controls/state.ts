/** What may be asked for here, and what was last refused. */
import { effect, signal } from '@preact/signals';
import type { Controls } from '../../../src/protocol.ts';
import { ask, get } from '../api.ts';
import { nothing, watches } from '../share/watches.ts';
import { link } from '../stream.ts';

export const controls = signal<Controls | null>(watches ? nothing : null);
/** Why the last request did nothing, as a sentence. */
export const refusal = signal<string | null>(null);
/** The request that is under way: its method and path. */
export const busy = signal<string | null>(null);

export const refuse = (error: unknown) => {
  refusal.value = error === null ? null : error instanceof Error ? error.message : String(error);
};

/** Asks what is possible here. Without an answer, what was known stays. */
export async function loadControls(): Promise<void> {
  if (watches) return;
  controls.value = await get<Controls>('/api/controls').catch(() => controls.value);
}

/** Asks again whenever the flow process is there anew: it may have been started otherwise. */
export function keepControls(): void {
  effect(() => {
    if (link.value.state === 'live') void loadControls();
  });
}

/** @returns whether it was done */
export async function control(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<boolean> {
  busy.value = `${method} ${path}`;
  try {
    const answer = await ask<Controls>(method, `/api/controls${path}`, body);
    if (typeof answer.on === 'boolean') controls.value = answer;
    refuse(null);
    return true;
  } catch (error) {
    refuse(error);
    return false;
  } finally {
    busy.value = null;
  }
}
