/** Name, links to the other pages, state of Kafka, rate and guarantee, and the two things to do. */
import type { View } from '../../../src/protocol.ts';
import { BookButton } from '../controls/BookButton.tsx';
import { guaranteeOf } from '../controls/guarantee-of.ts';
import { isFirstVisit } from '../first-visit/first-visit.ts';
import { count, plural } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import type { TermName } from '../glossary/terms.ts';
import { tab } from '../ride/choice.ts';
import { ShareButton } from '../share/Share.tsx';
import { watches } from '../share/watches.ts';
import { link } from '../stream.ts';
import { open, run } from '../teaching/run.ts';
import { theme, toggleTheme } from '../theme.ts';
import { Bar } from './Bar.tsx';
import { speedOf } from './speed.ts';

export function Header({ view }: { view: View | null }) {
  // On the first visit the one button stands in the map, with what it does.
  const first = view !== null && isFirstVisit(view.lanes);
  return (
    <header class="top">
      <h1>rideflow</h1>
      <Bar />
      <Kafka view={view} />
      {view && <Chips view={view} />}
      <div class="do">
        {watches ? (
          <>
            <button type="button" onClick={showFaults}>
              Run your own
            </button>
            <span class="soft watches">This page only watches.</span>
          </>
        ) : (
          <>
            <BookButton main={!first}>Book a ride</BookButton>
            <button type="button" onClick={showFaults}>
              Make it fail…
            </button>
            <button type="button" aria-pressed={run.value !== null} onClick={() => run.value || void open(0)}>
              Lessons
            </button>
          </>
        )}
        <ShareButton />
        <button
          type="button"
          class="theme"
          aria-label={theme.value === 'dark' ? 'Show it light' : 'Show it dark'}
          onClick={toggleTheme}
        >
          <span aria-hidden="true">◐</span>
        </button>
      </div>
    </header>
  );
}

/** On a phone the tab is below what is in sight. */
function showFaults(): void {
  tab.value = 'faults';
  const element = document.getElementById('tab faults');
  element?.scrollIntoView({ block: matchMedia('(max-width: 860px)').matches ? 'start' : 'nearest' });
  element?.focus();
}

function Kafka({ view }: { view: View | null }) {
  if (link.value.state === 'lost')
    return (
      <span class="dot bad" role="status">
        connection lost
      </span>
    );
  if (link.value.state === 'reset')
    return (
      <span class="dot" role="status">
        starting again
      </span>
    );
  if (!view || (!view.broker.up && view.broker.brokers === 0))
    return (
      <span class="dot" role="status">
        asking for the state
      </span>
    );
  const { up, brokers } = view.broker;
  return (
    <span class={`dot ${up ? 'ok' : 'bad'}`} role="status">
      {up ? `Kafka, ${plural(brokers, 'broker')}` : 'Kafka is away'}
    </span>
  );
}

function Chips({ view: { samples, processes } }: { view: View }) {
  const deciding = guaranteeOf('transaction', processes);
  const guarantee = deciding?.guarantee.replaceAll('-', ' ');
  const speed = speedOf(processes);
  return (
    <>
      <span class="chip aside rate">
        <b>{count(samples.at(-1)?.rides ?? 0)}</b> rides/s
      </span>
      {guarantee && (
        <span class="chip">
          transaction: <Term of={guarantee as TermName}>{guarantee}</Term>
          {deciding?.stopped && ' (stopped)'}
        </span>
      )}
      {speed && (
        <span class="chip aside speed">
          {speed.of}: <b>{speed.text}</b>
        </span>
      )}
    </>
  );
}
