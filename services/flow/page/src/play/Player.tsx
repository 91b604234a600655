/** A ride that is played: its step in words, with a scrubber over all of them. */
import type { Step } from '../../../src/protocol.ts';
import { duration } from '../format.ts';
import { elapsed } from '../ride/elapsed.ts';
import { end, goToStep, type Play, toggle } from './play.ts';

export function Player({ playing }: { playing: Play }) {
  const { steps, at, runs } = playing;
  return (
    <section class="player" aria-label="This ride, slowly">
      <div class="row">
        <button type="button" onClick={toggle}>
          {runs ? 'Hold' : 'Play'}
        </button>
        <input
          type="range"
          aria-label="Step of this ride"
          aria-valuetext={inWords(playing.story.steps, steps, at)}
          min={0}
          max={steps.length - 1}
          step={1}
          value={at}
          onInput={({ currentTarget }) => goToStep(currentTarget.valueAsNumber)}
        />
        <button type="button" onClick={end}>
          End
        </button>
      </div>
      <p role="status">{inWords(playing.story.steps, steps, at)}</p>
      <p class="soft small">Every step is shown for the same time. The times are those of the ride.</p>
    </section>
  );
}

/** `3 of 7, +5 ms: read by transaction-1`. */
function inWords(all: Step[], steps: Step[], at: number): string {
  const step = steps[at];
  if (!step) return '';
  const since = elapsed(all)[all.indexOf(step)] ?? null;
  return `${at + 1} of ${steps.length}${since === null ? '' : `, +${duration(since)}`}: ${titleOf(step)}`;
}

export const titleOf = ({ name, by }: Step): string => (by ? `${name} by ${by}` : name);
