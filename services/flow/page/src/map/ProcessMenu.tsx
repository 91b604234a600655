/** What can be asked of one process, beside its pill: pause, step, stop, kill; of one that is frozen, resume and kill. */
import { signal } from '@preact/signals';
import type { Process, View } from '../../../src/protocol.ts';
import { Ask } from '../controls/Ask.tsx';
import { PaceButtons } from '../controls/PaceButtons.tsx';
import { controls } from '../controls/state.ts';
import { listed } from '../format.ts';
import { openBeside, Popover, type Shown } from '../Popover.tsx';
import { canBeAsked, isFrozen } from '../processes.ts';
import { owned } from './owned.ts';

/** Of which process, by its id. */
const shown: Shown<string> = signal(null);

export const openMenu = (process: string, anchor: HTMLElement): void => openBeside(shown, process, anchor);

/** The end of the process closes it too. */
export function ProcessMenu({ view }: { view: View }) {
  const process = view.processes.find((one) => one.id === shown.value?.of && canBeAsked(one));
  return (
    <Popover
      shown={shown}
      open={process !== undefined}
      role="dialog"
      class="process-menu"
      label={process?.name ?? 'process'}
    >
      {process && <Menu process={process} view={view} />}
    </Popover>
  );
}

function Menu({ process, view }: { process: Process; view: View }) {
  const { id, service, name, guarantee, pace } = process;
  const partitions = owned(process, view);
  const can = controls.value;
  const frozen = isFrozen(process);
  return (
    <>
      <b>{name}</b>
      <p class="soft">
        {partitions.length > 0
          ? `It owns partition${partitions.length > 1 ? 's' : ''} ${listed(partitions)}.`
          : 'It owns no partition.'}
        {guarantee && pace && ` Its guarantee: ${guarantee.replaceAll('-', ' ')}.`}
      </p>
      {!can?.on && <p class="warn">{can?.why ?? 'The controls are off.'}</p>}
      {can?.on && pace && !frozen && <PaceButtons service={service} pace={pace} process={id} />}
      {can?.on && can.processes === 'here' && (
        <div class="row">
          {!frozen && (
            <Ask method="DELETE" path={`/processes/${encodeURIComponent(id)}?how=stop`}>
              Stop
            </Ask>
          )}
          <Ask method="DELETE" path={`/processes/${encodeURIComponent(id)}?how=kill`}>
            kill -9
          </Ask>
          {frozen ? (
            <Ask method="DELETE" path="/frozen">
              Resume
            </Ask>
          ) : (
            <Ask method="PUT" path="/frozen" body={{ process: id }}>
              Freeze
            </Ask>
          )}
          <span class="soft small">
            {frozen
              ? 'It is frozen (SIGSTOP). Resume lets all frozen processes go on where they were. kill -9 ends it as it is.'
              : 'Stop lets it finish what it has begun. kill -9 does not. Freeze (SIGSTOP) pauses it, like a long pause of its machine.'}
          </span>
        </div>
      )}
      {can?.on && can.processes !== 'here' && (
        <p class="soft">
          It runs where this page cannot reach it. A terminal can kill it: {can.commands.kill}
        </p>
      )}
    </>
  );
}
