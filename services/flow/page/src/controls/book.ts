/** Books a ride and follows it at once. */
import { signal } from '@preact/signals';
import { ask } from '../api.ts';
import { choose, tab } from '../ride/choice.ts';
import { controls, refuse } from './state.ts';

export const booking = signal(false);

/** @param request what rides is asked for; the flow process makes up a customer where none is given */
export async function book(request: { customer_id?: string; payment_token?: string } = {}): Promise<void> {
  if (controls.value && !controls.value.on) {
    tab.value = 'faults';
    return;
  }
  booking.value = true;
  try {
    const { ride } = await ask<{ ride: { id: string } }>('POST', '/api/controls/book', request);
    choose({ ride: ride.id });
    // The button of the first visit goes with the captions; the one in the header stays.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body)
        document.querySelector<HTMLElement>('header .do button')?.focus({ preventScroll: true });
    });
    refuse(null);
  } catch (error) {
    refuse(error);
  } finally {
    booking.value = false;
  }
}
