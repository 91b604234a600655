/** Freezes the picture, and goes back over the last minutes. It says what is shown, and how far behind the system that is. */
import { clock, plural, span } from '../format.ts';
import { now } from '../now.ts';
import { view } from '../stream.ts';
import { freeze, goLive, goTo, oldest, past } from './shown.ts';

/** What an arrow key moves, in milliseconds. */
const step = 1000;

export function TimeBar() {
  const moment = past.value;
  const end = now.value;
  const at = moment ? Math.min(moment.at, end) : end;
  const start = Math.min(oldest(), at, end - step);
  const move = (to: number) => (to >= end ? goLive() : goTo(to));
  return (
    <section class={`time ${moment ? 'past' : ''}`} aria-label="Time">
      <button type="button" onClick={moment ? goLive : freeze}>
        {moment ? 'Back to now' : 'Freeze the picture'}
      </button>
      <input
        type="range"
        aria-label="The moment that is shown"
        aria-valuetext={moment ? `${clock(at)}, ${span(end - at)} ago` : 'now'}
        min={start}
        max={end}
        step="any"
        value={at}
        onInput={({ currentTarget }) => move(currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          const to = { ArrowLeft: at - step, ArrowRight: at + step, Home: start, End: end }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          move(Math.max(start, to));
        }}
      />
      {moment ? (
        <Behind at={moment.at} accepted={moment.view.totals.accepted} />
      ) : (
        <span class="soft">now</span>
      )}
      <span class="unseen" role="status">
        {moment && `The picture shows ${clock(moment.at)}. The system goes on.`}
      </span>
    </section>
  );
}

/** How far the picture is behind. */
function Behind({ at, accepted }: { at: number; accepted: number }) {
  const since = Math.max(0, (view.value?.totals.accepted ?? accepted) - accepted);
  return (
    <p class="warn">
      Map, sum and charts show {clock(at)}. The system goes on: {span(now.value - at)} and{' '}
      {plural(since, 'ride')} since then.
    </p>
  );
}
