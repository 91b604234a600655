/** Starts one more process of a service, where the page can. */
import type { Process } from '../../../src/protocol.ts';
import { Ask } from '../controls/Ask.tsx';
import { controls } from '../controls/state.ts';
import { link } from '../stream.ts';

export function StartButton({ service, processes }: { service: string; processes: Process[] }) {
  const can = controls.value;
  if (!can?.on || can.processes !== 'here' || link.value.state !== 'live') return null;
  const running = processes.filter(({ state, ended }) => state !== 'gone' && ended === null).length;
  if (running >= (can.services[service]?.most ?? 0)) return null;
  return (
    <Ask
      method="POST"
      path={`/processes/${service}`}
      class="start"
      label={`${wordsFor(running)}: ${service}`}
    >
      {wordsFor(running)}
    </Ask>
  );
}

export const wordsFor = (running: number) => (running === 0 ? 'Start one' : 'Start one more');
