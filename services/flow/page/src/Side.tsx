/** The side panel: one ride, the numbers, the dead letters, the faults. */
import type { View } from '../../src/protocol.ts';
import { Controls } from './controls/Controls.tsx';
import { DeadLetters } from './dead-letters/DeadLetters.tsx';
import { ago, clock } from './format.ts';
import { Log } from './log/Log.tsx';
import { parked } from './map/bin.ts';
import { now } from './now.ts';
import { Numbers } from './numbers/Numbers.tsx';
import { tab } from './ride/choice.ts';
import { Ride } from './ride/Ride.tsx';
import { moment } from './share/moment.ts';
import { RunYourOwn } from './share/RunYourOwn.tsx';
import { watches } from './share/watches.ts';
import { tabs } from './tabs.ts';
import { LessonCard } from './teaching/LessonCard.tsx';

export function Side({ view }: { view: View }) {
  const letters = parked(view.lanes).length;
  const at = tabs.findIndex(({ name }) => name === tab.value);
  const go = (to: number) => {
    const next = tabs.at(to % tabs.length);
    if (!next) return;
    tab.value = next.name;
    document.getElementById(`tab ${next.name}`)?.focus();
  };
  return (
    <aside aria-label="Details">
      <LessonCard />
      <div class="tabs" role="tablist">
        {tabs.map(({ name, title }) => (
          <button
            type="button"
            role="tab"
            key={name}
            id={`tab ${name}`}
            aria-selected={tab.value === name}
            aria-controls="details"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => (tab.value = name)}
            onKeyDown={({ key }) => {
              if (key === 'ArrowRight') go(at + 1);
              if (key === 'ArrowLeft') go(at - 1);
              if (key === 'Home') go(0);
              if (key === 'End') go(-1);
            }}
          >
            {title}
            {name === 'dead letters' && letters > 0 && ` ${letters}`}
          </button>
        ))}
      </div>
      {/* By its key each tab begins at its own top. */}
      <div key={tab.value} class="details" id="details" role="tabpanel" aria-label={tab.value} tabIndex={0}>
        {moment.value !== null && tab.value !== 'log' && <Made at={moment.value} />}
        {tab.value === 'ride' && <Ride />}
        {tab.value === 'numbers' && <Numbers view={view} />}
        {tab.value === 'dead letters' && <DeadLetters />}
        {tab.value === 'log' && <Log news={view.news} />}
        {tab.value === 'faults' && (watches ? <RunYourOwn /> : <Controls view={view} />)}
      </div>
    </aside>
  );
}

/** The page was opened with a link to a moment. The map shows now: what was on it then is not kept. */
function Made({ at }: { at: number }) {
  return (
    <p class="notice">
      This link was made at {clock(at)}, {ago(now.value - at)}. The map shows now. What had happened by then
      is marked in{' '}
      <button type="button" class="link" onClick={() => (tab.value = 'log')}>
        the log
      </button>
      .{' '}
      <button type="button" class="link" onClick={() => (moment.value = null)}>
        Dismiss
      </button>
    </p>
  );
}
