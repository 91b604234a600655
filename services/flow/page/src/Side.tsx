/** The side panel: one ride, the numbers, the dead letters, the faults. */
import type { View } from '../../src/protocol.ts';
import { Controls } from './controls/Controls.tsx';
import { DeadLetters } from './dead-letters/DeadLetters.tsx';
import { Log } from './log/Log.tsx';
import { parked } from './map/bin.ts';
import { Numbers } from './numbers/Numbers.tsx';
import { tab } from './ride/choice.ts';
import { Ride } from './ride/Ride.tsx';
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
        {tab.value === 'ride' && <Ride />}
        {tab.value === 'numbers' && <Numbers view={view} />}
        {tab.value === 'dead letters' && <DeadLetters />}
        {tab.value === 'log' && <Log news={view.news} />}
        {tab.value === 'faults' && (watches ? <RunYourOwn /> : <Controls view={view} />)}
      </div>
    </aside>
  );
}
