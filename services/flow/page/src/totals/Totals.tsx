/** The promise of the whole system as a sum, always in view. When it is broken, it lists what is lost or doubled. */
import type { View } from '../../../src/protocol.ts';
import { count } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import { Violations } from './Violations.tsx';

export function Totals({ view }: { view: View }) {
  const { totals, violations } = view;
  const broken = totals.lost > 0 || totals.twice > 0 || totals.expired > 0;
  return (
    <section class={`totals ${broken ? 'broken' : ''}`} aria-label="What became of all rides">
      <p class="equation">
        <span>
          <Term of="accepted" /> <b>{count(totals.accepted)}</b>
        </span>
        <span>
          = <Term of="confirmed" /> <b>{count(totals.confirmed)}</b>
        </span>
        <span>
          + <Term of="rejected" /> <b>{count(totals.rejected)}</b>
        </span>
        <span>
          + <Term of="dead-lettered">dead-lettered</Term> <b>{count(totals.deadLettered)}</b>
        </span>
        <span>
          + <Term of="in flight" /> <b>{count(totals.inFlight)}</b>
        </span>
        {totals.lost > 0 && (
          <span class="bad">
            + <Term of="lost" /> <b>{count(totals.lost)}</b>
          </span>
        )}
        {totals.expired > 0 && (
          <span class="bad">
            + <Term of="expired" /> <b>{count(totals.expired)}</b>
          </span>
        )}
        {totals.noLongerKept > 0 && (
          <span>
            + <Term of="no longer kept" /> <b>{count(totals.noLongerKept)}</b>
          </span>
        )}
        <span class="beside">
          <Term of="mailed" /> <b>{count(totals.mailed)}</b>
          {totals.repeated !== null && totals.repeated > 0 && (
            <>
              , <b>{count(totals.repeated)}</b> <Term of="repeated" />
            </>
          )}
        </span>
        {totals.repeated === null && (
          <span class="soft">
            (<Term of="no mailbox" />)
          </span>
        )}
        <span>
          <Term of="counted" /> <b>{count(totals.counted)}</b>
          {totals.twice > 0 && ' (each decision)'}
        </span>
        {totals.overtaken > 0 && (
          <span class="warn">
            <Term of="overtaken" /> <b>{count(totals.overtaken)}</b>
          </span>
        )}
        <Verdict totals={totals} />
      </p>
      {!totals.complete && (
        <p class="soft small">
          Counted from the last messages before this process started, not from the first that Kafka has.
        </p>
      )}
      {violations.length > 0 && <Violations violations={violations} />}
    </section>
  );
}

function Verdict({ totals: { lost, twice, expired } }: { totals: View['totals'] }) {
  if (lost === 0 && twice === 0 && expired === 0)
    return <span class="verdict ok">✓ none lost, none decided twice</span>;
  return (
    <span class="verdict bad">
      ✕ {count(lost)} <Term of="lost" />, {count(twice)} <Term of="twice">decided twice</Term>
      {expired > 0 && `, ${count(expired)} expired`}
    </span>
  );
}
