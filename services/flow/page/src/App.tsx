/** The page: header, map with its sum and charts, side panel. */
import { refusal, refuse } from './controls/state.ts';
import { clock, span } from './format.ts';
import { Explanation } from './glossary/Term.tsx';
import { Header } from './header/Header.tsx';
import { FlowMap } from './map/Map.tsx';
import { ProcessMenu } from './map/ProcessMenu.tsx';
import { now } from './now.ts';
import { SmallCharts } from './numbers/SmallCharts.tsx';
import { Side } from './Side.tsx';
import { link, view } from './stream.ts';
import { Totals } from './totals/Totals.tsx';

export function App() {
  const seen = view.value;
  const stale = link.value.state === 'lost' || seen?.broker.up === false;
  return (
    <>
      <Header view={seen} />
      <div class="away">
        <Away />
        <Refused />
      </div>
      {seen ? (
        <main class={stale ? 'stale' : ''}>
          <FlowMap view={seen} />
          <div class="foot">
            <Totals view={seen} />
            <SmallCharts samples={seen.samples} />
          </div>
          <Side view={seen} />
        </main>
      ) : (
        <p class="asking soft">Reading what Kafka holds …</p>
      )}
      {seen && <ProcessMenu view={seen} />}
      <Explanation />
    </>
  );
}

/** Says what the page cannot see just now, and since when. */
function Away() {
  const lost = link.value;
  const broker = view.value?.broker;
  if (lost.state === 'lost')
    return (
      <p class="notice bad" role="alert">
        The flow process does not answer since {clock(lost.since)}. What you see is as it was then; the page
        asks again by itself and catches up.
      </p>
    );
  if (!broker || broker.up) return null;
  return (
    <p class="notice bad" role="alert">
      Kafka does not answer since {clock(broker.since)}, for {span(now.value - broker.since)}. What you see is
      as it was then. Nothing that was accepted is lost: services wait and go on when Kafka is back.
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
        Put it away
      </button>
    </p>
  );
}
