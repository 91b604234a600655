/** One ride: its way as a timeline, and its messages. */
import { useState } from 'preact/hooks';
import type { RideStory } from '../../../src/protocol.ts';
import { compare } from '../compare/compare.ts';
import { book, booking } from '../controls/book.ts';
import { controls } from '../controls/state.ts';
import { placeOf } from '../coordinates.ts';
import { isEmpty, isFirstVisit } from '../first-visit/first-visit.ts';
import { way } from '../first-visit/way.ts';
import { shortId } from '../format.ts';
import { Player } from '../play/Player.tsx';
import { happened, play, start } from '../play/play.ts';
import { link, view } from '../stream.ts';
import { choice, choose, problem, story } from './choice.ts';
import { Messages } from './Messages.tsx';
import { Timeline } from './Timeline.tsx';

export function Ride() {
  const told = play.value?.story ?? story.value;
  return (
    <div class="ride">
      <Search />
      {/* While the flow process is away, a notice above the map says so. */}
      {problem.value && link.value.state === 'live' && <p class="notice warn">{problem.value}</p>}
      {!told && !problem.value && choice.value && <p class="soft">Asking where this ride is …</p>}
      {!told && !choice.value && <Nothing />}
      {told && (
        <>
          <p class="summary" role="status">
            <b title={told.ride}>{placeOf(told.ride) ? told.ride : `ride ${shortId(told.ride)}`}</b>{' '}
            <span class="soft">
              {told.customer && `of customer ${told.customer}, `}
              {told.summary}
            </span>
          </p>
          {told.note && <p class="notice">{told.note}</p>}
          {!placeOf(told.ride) && <code class="soft whole-id">{told.ride}</code>}
          {told.trace && (
            <p class="trace">
              <a href={told.trace}>See its trace</a>
            </p>
          )}
          {play.value ? <Player playing={play.value} /> : <Does story={told} />}
          <Timeline story={told} />
          <Messages story={told} />
        </>
      )}
    </div>
  );
}

/** What can be done with a ride: one more of its customer, a comparison with the others, a slow replay. */
function Does({ story }: { story: RideStory }) {
  const { customer, ride } = story;
  return (
    <p class="row does-with">
      {customer && controls.value?.on && (
        <button
          type="button"
          aria-label={`Book again for ${customer}`}
          aria-disabled={booking.value}
          onClick={() => booking.value || void book({ customer_id: customer })}
        >
          Book again
        </button>
      )}
      {customer && (
        <button
          type="button"
          aria-label={`Compare with other rides of ${customer}`}
          onClick={() => compare(customer, ride)}
        >
          Compare
        </button>
      )}
      {story.messages.length > 0 && happened(story).length > 1 && (
        <button type="button" onClick={start}>
          Play slowly
        </button>
      )}
    </p>
  );
}

function Nothing() {
  const lanes = view.value?.lanes ?? [];
  return (
    <>
      <p>
        {isEmpty(lanes)
          ? 'No ride was booked yet. Book one, and its path is shown here, step by step.'
          : 'Choose a mark on the map, paste the id of a ride, or book one, and follow it.'}
      </p>
      <ol class={`way soft ${isFirstVisit(lanes) ? 'in-map' : ''}`}>
        {way.map(({ at, text }) => (
          <li key={at}>{text}</li>
        ))}
      </ol>
    </>
  );
}

function Search() {
  const [text, setText] = useState('');
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = text.trim();
        if (!wanted) return;
        choose(placeOf(wanted) ? { message: wanted } : { ride: wanted });
        setText('');
      }}
    >
      <input
        aria-label="Id of a ride or its last 4 characters, or topic/partition/offset of a message"
        placeholder="ride id or message"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit">Find</button>
      {choice.value && (
        <button type="button" aria-label="Choose nothing" onClick={() => choose(null)}>
          <span aria-hidden="true">✕</span>
        </button>
      )}
    </form>
  );
}
