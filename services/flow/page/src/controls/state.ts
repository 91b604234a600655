/** What may be asked for here, and what was last refused. */
import { signal } from '@preact/signals';
import type { Controls } from '../../../src/protocol.ts';
import { ask, get } from '../api.ts';

export const controls = signal<Controls | null>(null);
/** Why the last request did nothing, as a sentence. */
export const refusal = signal<string | null>(null);
/** The request that is under way: its method and path. */
export const busy = signal<string | null>(null);

export const refuse = (error: unknown) => {
  refusal.value = error === null ? null : error instanceof Error ? error.message : String(error);
};

/** Asks what is possible here. */
export async function loadControls(): Promise<void> {
  try {
    controls.value = await get<Controls>('/api/controls');
  } catch (error) {
    refuse(error);
  }
}

/** @returns whether it was done */
export async function control(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<boolean> {
  busy.value = `${method} ${path}`;
  try {
    const answer = await ask<Controls>(
      method,
      `/api/controls${path}`,
      body ?? (method === 'DELETE' ? undefined : {}),
    );
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
