/** A service on the map: what it does, what has just happened to it, and its processes. */
import { useState } from 'preact/hooks';
import type { View } from '../../../src/protocol.ts';
import { guaranteeOf } from '../controls/guarantee-of.ts';
import { isFirstVisit } from '../first-visit/first-visit.ts';
import { ago, count, countdown } from '../format.ts';
import { shownAt } from '../time/shown.ts';
import { openHolds } from './held.ts';
import type { MapLayout } from './layout.ts';
import { Pill } from './Pill.tsx';
import { StartButton } from './StartButton.tsx';

interface Props {
  service: string;
  view: View;
  layout: MapLayout;
  place: { top: string; height: string };
}

/** News is told on the map for so long, in milliseconds. */
const fresh = 20_000;

export function Station({ service, view, layout, place }: Props) {
  const ofService = view.processes.filter((process) => process.service === service);
  // What has ended stands behind what runs, so that it pushes nobody out of the row.
  const processes = ofService.toSorted((a, b) => Number(a.state === 'gone') - Number(b.state === 'gone'));
  const news = view.news.find(({ about, at, of }) => !of && about === service && shownAt.value - at < fresh);
  const captioned = service !== 'email' && isFirstVisit(view.lanes);
  const waits = processes.find(({ retrying }) => retrying)?.retrying;
  const hold = openHolds(view).find(({ process }) => process.service === service);
  const told = hold
    ? {
        tone: 'warn',
        text: `Its transaction is held open for ${countdown(hold.until - shownAt.value)} more. Step commits it. After kill -9 the next process aborts it.`,
      }
    : waits
      ? { tone: 'warn', text: `tries ${waits.coordinates} again, attempt ${waits.attempt}: ${waits.reason}` }
      : news && { tone: tones[news.tone], text: `${ago(shownAt.value - news.at)}: ${news.text}` };
  // Only this station has room for both; elsewhere what happened stands for what the service does.
  const below = service === 'transaction' && !layout.narrow;
  /** Right of the lanes. */
  const beyond = `${layout.width - layout.right}px`;
  const start = !isFirstVisit(view.lanes) && <StartButton service={service} processes={processes} />;
  return (
    <div class={`station ${told && below ? 'with-news' : ''}`} style={place}>
      <h2 style={{ width: layout.narrow ? 'auto' : `${layout.left}px` }}>{service}</h2>
      <div class="does">
        {told && !below ? (
          <Told {...told} />
        ) : (
          // Beside more processes there is no room for it.
          (processes.length < 3 || layout.narrow) && (
            <span class={`soft ${captioned ? 'captioned' : ''}`}>
              {service === 'transaction' && <Guarantee view={view} />}
              {doing(service, view)}
            </span>
          )
        )}
      </div>
      <div class="pills" style={layout.narrow ? { marginRight: beyond } : {}}>
        {processes.length === 0 && <span class="pill gone">no process</span>}
        {processes.map((process) => (
          <Pill key={process.id} process={process} view={view} />
        ))}
        {!layout.narrow && start}
      </div>
      {!layout.narrow && <span class="spare" style={{ flexBasis: beyond }} />}
      {layout.narrow && (
        <div class="start-below" style={{ right: beyond }}>
          {start}
        </div>
      )}
      {told && below && (
        <div class="told" style={{ left: `${layout.left}px`, right: beyond }}>
          <Told {...told} />
        </div>
      )}
    </div>
  );
}

/** Where the header has no room for it. */
function Guarantee({ view }: { view: View }) {
  const guarantee = guaranteeOf('transaction', view.processes)?.guarantee.replaceAll('-', ' ');
  return guarantee ? <span class="guarantee">{guarantee}: </span> : null;
}

/** On one line; a press shows all of it. */
function Told({ tone, text }: { tone: string; text: string }) {
  const [whole, setWhole] = useState(false);
  return (
    <button
      type="button"
      class={`told-text ${tone} ${whole ? 'whole' : ''}`}
      aria-expanded={whole}
      title={whole ? undefined : text}
      onClick={() => setWhole(!whole)}
      onBlur={() => setWhole(false)}
    >
      {text}
    </button>
  );
}

const tones = { ok: '', warning: 'warn', error: 'bad' };

function doing(service: string, { totals, groups, processes }: View): string {
  const guarantee = guaranteeOf(service, processes)?.guarantee;
  const lag = (groups.find(({ name }) => name === service)?.partitions ?? []).reduce(
    (sum, place) => sum + place.lag,
    0,
  );
  const waiting = lag > 0 ? `; ${count(lag)} waiting` : '';
  switch (service) {
    case 'rides':
      return 'takes requests, answers when Kafka has them';
    case 'transaction':
      return `decides each ride${waiting}`;
    case 'analytics':
      return `${count(totals.counted)} counted${guarantee === 'exactly-once' ? ', stored together with the offset' : ''}`;
    case 'email':
      return `${count(totals.mailed)} mailed; commits ${guarantee === 'at-most-once' ? 'before' : 'after'} the mail`;
    default:
      return '';
  }
}
