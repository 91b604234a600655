/** Presentation mode: the whole screen, large type, panels that fold. */
import { effect, signal } from '@preact/signals';

export const presenting = signal(false);
/** The side panel is folded away: the map has the whole width, and the lesson stands below it. */
export const folded = signal(false);
/** The three small charts are shown. */
export const charted = signal(false);

const { documentElement: root } = document;
effect(() => {
  root.toggleAttribute('data-presenting', presenting.value);
  root.toggleAttribute('data-folded', presenting.value && folded.value);
  root.toggleAttribute('data-charted', presenting.value && charted.value);
});
// Escape ends the full screen without asking this page.
document.addEventListener('fullscreenchange', () => {
  if (!document.fullscreenElement) presenting.value = false;
});

/** Where the browser gives no full screen, the rest is as large. */
export function present(): void {
  presenting.value = true;
  root.requestFullscreen?.().catch(() => {});
}

export function endPresenting(): void {
  presenting.value = false;
  if (document.fullscreenElement) void document.exitFullscreen();
}
