/** What can be asked of one process, beside its pill: pause, step, stop, kill. Stands once on the page. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Process, View } from '../../../src/protocol.ts';
import { Ask } from '../controls/Ask.tsx';
import { PaceButtons } from '../controls/PaceButtons.tsx';
import { controls } from '../controls/state.ts';
import { listed } from '../format.ts';
import { lives } from '../processes.ts';
import { owned } from './owned.ts';

const shown = signal<{ process: string; anchor: HTMLElement } | null>(null);
let closed: { anchor: HTMLElement | null; at: number } = { anchor: null, at: 0 };

export function openMenu(process: string, anchor: HTMLElement): void {
  // The click that closed it as a click elsewhere is no wish to see it again.
  if (closed.anchor === anchor && performance.now() - closed.at < 250) return;
  shown.value = { process, anchor };
}

/** Escape, a click elsewhere or the end of the process closes it (the popover of the browser). */
export function ProcessMenu({ view }: { view: View }) {
  const box = useRef<HTMLDivElement>(null);
  const at = shown.value;
  const process = view.processes.find((one) => one.id === at?.process && lives(one));
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const isOpen = element.matches(':popover-open');
    if (!process || !at) {
      if (isOpen) element.hidePopover();
      return;
    }
    if (!isOpen) element.showPopover();
    const pill = at.anchor.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const below = pill.bottom + 6 + height < innerHeight;
    element.style.left = `${Math.max(8, Math.min(pill.left, innerWidth - width - 8))}px`;
    element.style.top = `${below ? pill.bottom + 6 : Math.max(8, pill.top - 6 - height)}px`;
  }, [at, process?.id]);
  return (
    <div
      ref={box}
      class="explanation process-menu"
      popover="auto"
      role="dialog"
      aria-label={process?.name ?? 'process'}
      onBeforeToggle={({ newState }) => {
        if (newState !== 'closed' || !shown.value) return;
        closed = { anchor: shown.value.anchor, at: performance.now() };
        shown.value = null;
      }}
    >
      {process && <Menu process={process} view={view} />}
    </div>
  );
}

function Menu({ process, view }: { process: Process; view: View }) {
  const { id, service, name, guarantee, pace } = process;
  const partitions = owned(process, view);
  const can = controls.value;
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
      {can?.on && pace && <PaceButtons service={service} pace={pace} process={id} />}
      {can?.on && can.processes === 'here' && (
        <div class="row">
          <Ask method="DELETE" path={`/processes/${encodeURIComponent(id)}?how=stop`}>
            Stop
          </Ask>
          <Ask method="DELETE" path={`/processes/${encodeURIComponent(id)}?how=kill`}>
            kill -9
          </Ask>
          <Ask method="PUT" path="/frozen" body={{ process: id }}>
            Freeze
          </Ask>
          <span class="soft small">
            Stop finishes what it has begun, kill -9 finishes nothing. Freeze (SIGSTOP) lets it stand still,
            as a long pause of its machine would.
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
