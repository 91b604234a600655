/** The page: header, map with its sum and charts, side panel. */
import { Announcer } from './Announcer.tsx';
import { Compare } from './compare/Compare.tsx';
import { refusal, refuse } from './controls/state.ts';
import { clock, span } from './format.ts';
import { Explanation } from './glossary/Term.tsx';
import { Header } from './header/Header.tsx';
import { FlowMap } from './map/Map.tsx';
import { ProcessMenu } from './map/ProcessMenu.tsx';
import { now } from './now.ts';
import { SmallCharts } from './numbers/SmallCharts.tsx';
import { ToRide } from './ride/ToRide.tsx';
import { Side } from './Side.tsx';
import { Share } from './share/Share.tsx';
import { link, view } from './stream.ts';
import { Overlay } from './teaching/Overlay.tsx';
import { past, shown } from './time/shown.ts';
import { TimeBar } from './time/TimeBar.tsx';
import { Totals } from './totals/Totals.tsx';

export function App() {
  const seen = view.value;
  const picture = shown.value;
  const stale = link.value.state === 'lost' || link.value.state === 'reset' || seen?.broker.up === false;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('details')?.focus()}>
        Skip to the details
      </button>
      <Header view={seen} />
      <div class="away">
        <Away />
        <Refused />
      </div>
      {seen && picture ? (
        <main class={past.value ? 'past' : stale ? 'stale' : ''}>
          <ToRide />
          <FlowMap view={picture} />
          <div class="foot">
            <TimeBar />
            <Totals view={picture} />
            <SmallCharts samples={picture.samples} />
          </div>
          <Side view={seen} />
        </main>
      ) : (
        <p class="asking soft">Reading what Kafka holds …</p>
      )}
      {seen && <ProcessMenu view={seen} />}
      <Share />
      <Announcer />
      <Explanation />
      <Overlay />
      <Compare />
    </>
  );
}

/** Unless an earlier moment is shown. */
const seesThat = () => (past.value ? '' : 'You see the state of that moment. ');

/** How long Kafka may take for its first answer, in milliseconds. */
const startup = 10_000;

/** Says what the page cannot see just now, and since when. */
function Away() {
  const lost = link.value;
  const broker = view.value?.broker;
  if (lost.state === 'reset')
    return (
      <p class="notice" role="status">
        A reset is under way: it deletes all data, and starts every process again. The page continues by
        itself.
      </p>
    );
  if (lost.state === 'lost')
    return (
      <p class="notice bad" role="alert">
        The flow process has not answered since {clock(lost.since)}. {seesThat()}The page connects again by
        itself and catches up.
      </p>
    );
  // Before the first answer nothing is known to be away.
  if (!broker || broker.up || (broker.brokers === 0 && now.value - broker.since < startup)) return null;
  const away = now.value - broker.since;
  return (
    <p class="notice bad" role="alert">
      {broker.asked ? 'Kafka was killed, as asked. It' : 'Kafka'} has not answered since {clock(broker.since)}
      {away >= 1000 && `, for ${span(away)}`}. {seesThat()}
      No accepted ride gets lost by that: the services wait, and continue when Kafka is back.
    </p>
  );
}

/** Why what was asked for last was not done. */
function Refused() {
  if (!refusal.value) return null;
  return (
    <p class="notice bad" role="alert">
      {refusal.value}{' '}
      <button type="button" class="link" onClick={() => refuse(null)}>
        Dismiss
      </button>
    </p>
  );
}
