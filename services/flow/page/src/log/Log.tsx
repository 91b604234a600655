/** What happened, newest first: processes that came and went, rides that were lost or doubled, dead letters; each leads to its ride. */
import { useEffect, useRef } from 'preact/hooks';
import type { News } from '../../../src/protocol.ts';
import { clock, plural, shortId } from '../format.ts';
import { choose } from '../ride/choice.ts';
import { moment } from '../share/moment.ts';
import { asCsv, asJson } from './export.ts';
import { save } from './save.ts';

export function Log({ news }: { news: News[] }) {
  const at = moment.value;
  // What had happened when the link was made: the newest line that is not newer.
  const marked = at === null ? undefined : news.find((one) => one.at <= at)?.number;
  return (
    <div class="log">
      <h3>What happened</h3>
      {at !== null && (
        <p class="notice">
          This link was made at {clock(at)}.{' '}
          {marked === undefined
            ? 'Nothing from before that is kept.'
            : 'The marked line was the newest one then.'}
        </p>
      )}
      {news.length === 0 && <p class="soft">Nothing yet: no process came, went or had trouble.</p>}
      <ul class="news">
        {news.map((one) => (
          <Line key={one.number} news={one} marked={one.number === marked} />
        ))}
      </ul>
      {news.length > 0 && (
        <p class="row">
          <span class="soft small">Save {plural(news.length, 'line')}:</span>
          <button type="button" onClick={() => save('rideflow-log.json', 'application/json', asJson(news))}>
            JSON
          </button>
          <button type="button" onClick={() => save('rideflow-log.csv', 'text/csv', asCsv(news))}>
            CSV
          </button>
        </p>
      )}
    </div>
  );
}

function Line({ news: { at, about, tone, text, of }, marked }: { news: News; marked: boolean }) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (marked) line.current?.scrollIntoView({ block: 'center' });
  }, [marked]);
  return (
    <li ref={line} class={marked ? 'marked' : ''} {...(marked && { 'aria-current': 'true' })}>
      <time class="soft num" dateTime={new Date(at).toISOString()}>
        {clock(at)}
      </time>
      <span>
        <b>{about}</b> <span class={tone === 'ok' ? '' : tone === 'error' ? 'bad' : 'warn'}>{text}</span>
        {of && (
          <>
            {' '}
            <button
              type="button"
              class="link"
              onClick={() => choose(of.ride ? { ride: of.ride } : { message: of.coordinates })}
            >
              {of.ride ? `ride ${shortId(of.ride)}` : of.coordinates}
            </button>
          </>
        )}
      </span>
    </li>
  );
}
