/** Deletes all data, and starts everything again. */
import { useState } from 'preact/hooks';
import type { Controls } from '../../../src/protocol.ts';
import { reset, run } from '../teaching/run.ts';
import { Command } from './Command.tsx';
import { Fold } from './Fold.tsx';
import { busy } from './state.ts';

export function Reset({ controls }: { controls: Controls }) {
  const [sure, setSure] = useState(false);
  const working = busy.value === 'POST /reset';
  return (
    <Fold
      title="Reset everything"
      shows="Deletes all topics, statistics and mails, and starts every process again."
    >
      {controls.processes !== 'here' ? (
        <Command does="from the terminal" text={controls.commands.reset} />
      ) : sure ? (
        <div class="row">
          <span>
            This deletes all data of this system.{run.value && ' The lesson begins again afterwards.'}
          </span>
          <button
            type="button"
            onClick={() => {
              setSure(false);
              void reset();
            }}
          >
            Delete all data
          </button>
          <button type="button" onClick={() => setSure(false)}>
            Cancel
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
