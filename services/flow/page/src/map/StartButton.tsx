/** Starts one more process of a service, where the page can, and says so until the process is there. */
import { useState } from 'preact/hooks';
import type { Process } from '../../../src/protocol.ts';
import { control, controls } from '../controls/state.ts';
import { now } from '../now.ts';
import { runs } from '../processes.ts';
import { link } from '../stream.ts';
import { past } from '../time/shown.ts';

/** A process that has not appeared after so many milliseconds did not start; the news says why. */
const patience = 20_000;

export function StartButton({ service, processes }: { service: string; processes: Process[] }) {
  const [asked, setAsked] = useState<{ known: string[]; at: number } | null>(null);
  const can = controls.value;
  if (!can?.on || can.processes !== 'here' || link.value.state !== 'live' || past.value) return null;
  const running = processes.filter(runs).length;
  const awaited =
    asked && now.value - asked.at < patience && processes.every(({ id }) => asked.known.includes(id));
  const isFull = running >= (can.services[service]?.most ?? 0);
  const start = async () => {
    setAsked({ known: processes.map(({ id }) => id), at: Date.now() });
    if (!(await control('POST', `/processes/${service}`))) setAsked(null);
  };
  return (
    <>
      {awaited && (
        <span class="pill starting" role="status" style={{ '--process': 'var(--soft)' }}>
          <i aria-hidden="true" /> starting …
        </span>
      )}
      {!isFull && (
        <button
          type="button"
          class="start"
          aria-label={`${wordsFor(running)}: ${service}`}
          aria-disabled={!!awaited}
          onClick={() => awaited || void start()}
        >
          {wordsFor(running)}
        </button>
      )}
    </>
  );
}

export const wordsFor = (running: number) => (running === 0 ? 'Start one' : 'Start one more');
