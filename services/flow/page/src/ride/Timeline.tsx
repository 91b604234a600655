/** The steps of a ride, each with the time since it was asked for. */
import type { RideStory, Step } from '../../../src/protocol.ts';
import { duration } from '../format.ts';
import { choose } from './choice.ts';
import { elapsed } from './elapsed.ts';

export function Timeline({ story }: { story: RideStory }) {
  const times = elapsed(story.steps);
  return (
    <ol class="timeline">
      {story.steps.map((step, i) => (
        <li key={`${step.name} ${step.coordinates} ${i}`} class={step.state}>
          <time>{time(step, times[i] ?? null, i)}</time>
          <i class={sign(step)} aria-hidden="true" />
          <div>
            <b>{title(step)}</b>
            {step.by && step.state !== 'waiting' && !step.text.includes(step.by) && <> by {step.by}</>}{' '}
            {step.coordinates && (
              <button
                type="button"
                class="coordinates"
                onClick={() => step.coordinates && choose({ message: step.coordinates })}
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
            </div>
          </div>
        </li>
      ))}
    </ol>
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
  return name === 'aborted' ? 'aborted' : 'done';
}
