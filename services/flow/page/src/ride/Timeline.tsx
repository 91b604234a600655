/** The steps of a ride, each with the time since it was asked for. */
import type { RideStory, Step } from '../../../src/protocol.ts';
import { countdown, duration } from '../format.ts';
import { openHolds, whatEndsIt } from '../map/held.ts';
import { now } from '../now.ts';
import { play } from '../play/play.ts';
import { view } from '../stream.ts';
import { showMessage } from './choice.ts';
import { elapsed } from './elapsed.ts';

export function Timeline({ story }: { story: RideStory }) {
  const times = elapsed(story.steps);
  const playing = play.value;
  const at = playing ? story.steps.indexOf(playing.steps[playing.at] as Step) : story.steps.length;
  return (
    <ol class="timeline">
      {story.steps.map((step, i) => (
        <li
          key={`${step.name} ${step.coordinates} ${i}`}
          class={`${step.state}${i > at ? ' later' : ''}`}
          {...(i === at && { 'aria-current': 'step' })}
        >
          <time>{time(step, times[i] ?? null, i)}</time>
          <i class={sign(step)} aria-hidden="true" />
          <div>
            <b>{title(step)}</b>
            {step.by && step.state !== 'waiting' && !step.text.includes(step.by) && <> by {step.by}</>}{' '}
            {step.coordinates && (
              <button
                type="button"
                class="coordinates"
                onClick={() => step.coordinates && showMessage(step.coordinates)}
              >
                {step.coordinates}
              </button>
            )}
            <div class="soft">
              {step.text}
              {step.name === 'mailed' && step.state === 'done' && story.mail && (
                <>
                  , <a href={story.mail}>see the mail</a>
                </>
              )}
              {step.name === 'decided' && step.state === 'open' && <Hold coordinates={step.coordinates} />}
            </div>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Of a decision whose transaction is held open: for how long, and what ends it. */
function Hold({ coordinates }: { coordinates: string | null }) {
  const hold =
    view.value &&
    openHolds(view.value).find(
      ({ decision }) => decision && `${decision.lane}/${decision.offset}` === coordinates,
    );
  if (!hold) return null;
  return (
    <p class="warn">
      {hold.process.name} holds it open. It commits by itself in {countdown(hold.until - now.value)}.{' '}
      {whatEndsIt}
    </p>
  );
}

function time({ state }: Step, since: number | null, i: number): string {
  if (since === null) return state === 'unknown' ? 'unknown' : '';
  return i === 0 ? '0 ms' : `+${duration(since)}`;
}

function title({ name, state }: Step): string {
  if (state === 'waiting') return `not yet ${name}`;
  if (state === 'unknown') return `${name}?`;
  if (state === 'open' && name === 'mailed') return 'mailing';
  if (state === 'open' && name === 'counted') return 'counting';
  return name;
}

function sign({ name, state }: Step): string {
  if (state !== 'done') return state;
  if (name === 'dead letter') return 'dead';
  return ['aborted', 'fenced', 'lost', 'expired'].includes(name) ? 'aborted' : 'done';
}
