/**
 * A process on the map. A press on it shows what can be asked of it; while it goes step by step, its step stands beside its name. Nothing
 * can be asked of a process of the past.
 */
import type { Process, View } from '../../../src/protocol.ts';
import { Ask } from '../controls/Ask.tsx';
import { shortNextAt, withoutCount } from '../controls/crash-place.ts';
import { controls } from '../controls/state.ts';
import { duration, span } from '../format.ts';
import { canBeAsked, isFrozen, lives } from '../processes.ts';
import { past, shownAt } from '../time/shown.ts';
import { processColour } from './colours.ts';
import { owned } from './owned.ts';
import { openMenu } from './ProcessMenu.tsx';

export function Pill({ process, view }: { process: Process; view: View }) {
  const { id, service, name, state, since, ended, colour, pace, crashPoint } = process;
  const partitions = owned(process, view);
  const isPast = past.value !== null;
  const canAsk = canBeAsked(process) && !isPast;
  const canStep = canAsk && lives(process) && pace?.step && !pace.paused && controls.value?.on;
  const slow = pace?.step ? 'step by step' : pace?.delay ? `${duration(pace.delay)} each` : '';
  const ending = ended === 'died' ? `died at ${withoutCount(crashPoint)}` : ended;
  const says = {
    starting: 'starting',
    alive: slow,
    // The button says it.
    paused: canStep ? '' : pace?.step ? 'step by step' : 'paused',
    silent: ending ?? 'does not answer',
    gone: `${ending ?? 'gone'} ${span(shownAt.value - since)} ago`,
  }[state];
  const holds =
    partitions.length > 0 && partitions.length < 5
      ? `p${partitions.join(' p')}`
      : partitions.length > 0
        ? `${partitions.length} partitions`
        : '';
  const small = [
    state === 'gone' ? '' : holds,
    says,
    crashPoint && lives(process) ? `dies at ${shortNextAt(crashPoint)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <span
      class={`pill ${state} ${ended ? 'asked' : ''}`}
      style={{ '--process': processColour(colour) }}
      title={small ? `${name} ${small}` : name}
    >
      <i aria-hidden="true" />
      {canAsk ? (
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={({ currentTarget }) => openMenu(id, currentTarget)}
        >
          {name} <small>{small}</small>
        </button>
      ) : (
        <>
          {name} <small>{small}</small>
        </>
      )}
      {canStep && (
        <Ask method="POST" path={`/step/${service}`} body={{ process: id }} label={`Step ${name}`}>
          Step
        </Ask>
      )}
      {isFrozen(process) && !isPast && controls.value?.on && (
        <Ask method="DELETE" path="/frozen" label={`Resume ${name}`}>
          Resume
        </Ask>
      )}
    </span>
  );
}
