/** A service on the map: what it does, what has just happened to it, and its processes. */
import type { Process, View } from '../../../src/protocol.ts';
import { isFirstVisit } from '../first-visit/first-visit.ts';
import { ago, count, listed, span } from '../format.ts';
import { now } from '../now.ts';
import { processColour } from './colours.ts';
import type { MapLayout } from './layout.ts';

interface Props {
  service: string;
  view: View;
  layout: MapLayout;
  place: { top: string; height: string };
}

/** News is told on the map for so long, in milliseconds. */
const fresh = 20_000;

export function Station({ service, view, layout, place }: Props) {
  const processes = view.processes.filter((process) => process.service === service);
  const news = view.news.find(({ about, at }) => about === service && now.value - at < fresh);
  const captioned = service !== 'email' && isFirstVisit(view.lanes);
  const waits = processes.find(({ retrying }) => retrying)?.retrying;
  const told = waits
    ? { tone: 'warn', text: `tries ${waits.coordinates} again, attempt ${waits.attempt}: ${waits.reason}` }
    : news && { tone: tones[news.tone], text: `${ago(now.value - news.at)}: ${news.text}` };
  // Only this station has room for both; elsewhere what happened stands for what the service does.
  const below = service === 'transaction' && !layout.narrow;
  return (
    <div class={`station ${told && below ? 'with-news' : ''}`} style={place}>
      <h2 style={{ width: layout.narrow ? 'auto' : `${layout.left}px` }}>{service}</h2>
      <div class="does">
        {told && !below ? (
          <span class={told.tone} title={told.text}>
            {told.text}
          </span>
        ) : (
          <span class={`soft ${captioned ? 'captioned' : ''}`}>{doing(service, view)}</span>
        )}
      </div>
      <div class="pills" style={{ marginRight: `${layout.width - layout.right}px` }}>
        {processes.length === 0 && <span class="pill gone">no process</span>}
        {processes.map((process) => (
          <Pill key={process.id} process={process} view={view} />
        ))}
      </div>
      {told && below && (
        <span
          class={`told ${told.tone}`}
          title={told.text}
          style={{ left: `${layout.left}px`, right: `${layout.width - layout.right}px` }}
        >
          {told.text}
        </span>
      )}
    </div>
  );
}

const tones = { ok: '', warning: 'warn', error: 'bad' };

function doing(service: string, { totals, groups }: View): string {
  const lag = (groups.find(({ name }) => name === service)?.partitions ?? []).reduce(
    (sum, place) => sum + place.lag,
    0,
  );
  const waiting = lag > 0 ? `; ${count(lag)} in front of it` : '';
  switch (service) {
    case 'rides':
      return 'takes requests, answers when Kafka has them';
    case 'transaction':
      return `decides each ride${waiting}`;
    case 'analytics':
      return `${count(totals.counted)} counted, stored together with the offset`;
    case 'email':
      return `${count(totals.mailed)} mailed; the offset moves after the mail, so a crash in between mails twice`;
    default:
      return '';
  }
}

function Pill({ process, view }: { process: Process; view: View }) {
  const { name, state, since, colour, pace, crashPoint } = process;
  const owned = view.groups
    .filter((group) => group.name === process.service)
    .flatMap(({ partitions }) =>
      partitions.flatMap(({ owner }, partition) => (owner === process.id ? [partition] : [])),
    );
  const holds =
    owned.length > 0 && owned.length < 5
      ? `p${owned.join(' p')}`
      : owned.length > 0
        ? `${owned.length} partitions`
        : '';
  const slow = pace?.step ? 'step by step' : pace?.delay ? `${pace.delay} ms each` : '';
  const says = {
    alive: slow,
    paused: pace?.step ? 'step by step' : 'paused',
    silent: 'does not answer',
    gone: `gone ${span(now.value - since)}`,
  }[state];
  const small = [
    state === 'gone' ? '' : holds,
    says,
    crashPoint && (state === 'alive' || state === 'paused') ? `dies at ${crashPoint}` : '',
  ];
  return (
    <span
      class={`pill ${state}`}
      style={{ '--process': processColour(colour) }}
      title={
        state === 'gone'
          ? `${name} has ended.`
          : `${name}: ${state}${owned.length > 0 ? `; it owns partition ${listed(owned)}` : ''}${process.guarantee ? `; ${process.guarantee}` : ''}.`
      }
    >
      <i aria-hidden="true" />
      {name}
      <small>{small.filter(Boolean).join(', ')}</small>
    </span>
  );
}
