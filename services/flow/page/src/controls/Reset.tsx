/** Forgets everything, and begins anew. */
import { useState } from 'preact/hooks';
import type { Controls } from '../../../src/protocol.ts';
import { choose, tab } from '../ride/choice.ts';
import { Command } from './Command.tsx';
import { Fold } from './Fold.tsx';
import { busy, control } from './state.ts';

export function Reset({ controls }: { controls: Controls }) {
  const [sure, setSure] = useState(false);
  const working = busy.value === 'POST /reset';
  const reset = async () => {
    setSure(false);
    if (!(await control('POST', '/reset'))) return;
    choose(null);
    tab.value = 'ride';
  };
  return (
    <Fold
      title="Begin anew"
      shows="All topics, statistics and mails are forgotten, and every process is started again."
    >
      {controls.processes !== 'here' ? (
        <Command does="from the terminal" text={controls.commands.reset} />
      ) : sure ? (
        <div class="row">
          <span>All data of this system will be gone.</span>
          <button type="button" onClick={() => void reset()}>
            Forget it all
          </button>
          <button type="button" onClick={() => setSure(false)}>
            Keep it
          </button>
        </div>
      ) : (
        <button type="button" disabled={working} onClick={() => setSure(true)}>
          {working ? 'Starting everything again …' : 'Reset …'}
        </button>
      )}
    </Fold>
  );
}
