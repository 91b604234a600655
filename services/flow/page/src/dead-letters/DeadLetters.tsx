/** The workbench: what was parked and why, to be mended and replayed, or dropped. */
import { useEffect, useState } from 'preact/hooks';
import { controls } from '../controls/state.ts';
import { plural } from '../format.ts';
import { Letter } from './Letter.tsx';
import { letters, trouble, watchLetters } from './letters.ts';
import { settle } from './settle.ts';

/** So many are listed; more would only slow the page down. */
const most = 100;

export function DeadLetters() {
  useEffect(watchLetters, []);
  const [withSettled, setWithSettled] = useState(false);
  const all = letters.value ?? [];
  const parked = all.filter(({ resolved }) => !resolved);
  const listed = (withSettled ? all : parked).slice(0, most);
  const can = controls.value?.on === true;
  const places = parked.slice(0, most).map(({ coordinates }) => coordinates);
  return (
    <div class="dead-letters">
      {trouble.value && <p class="notice bad">{trouble.value}</p>}
      <p>
        <b>
          {parked.length === 0 ? 'Nothing is parked.' : `${plural(parked.length, 'dead letter')} parked.`}
        </b>{' '}
        <span class="soft">
          {parked.length > 0 &&
            'Each is a copy of a message that its reader could never process. Replay writes it to its topic again, as a new message. Drop marks it as settled without a replay.'}
        </span>
      </p>
      {!can && parked.length > 0 && (
        <p class="notice warn">
          {controls.value?.why ?? 'The controls are off.'} From a terminal: <code>npm run dlq list</code>
        </p>
      )}
      <div class="row">
        {can && places.length > 1 && (
          <>
            <button type="button" onClick={() => void settle('replay', places)}>
              Replay all
            </button>
            <button type="button" onClick={() => void settle('drop', places)}>
              Drop all
            </button>
          </>
        )}
        {all.length > parked.length && (
          <label class="option">
            <input
              type="checkbox"
              checked={withSettled}
              onChange={({ currentTarget }) => setWithSettled(currentTarget.checked)}
            />
            <span>show {plural(all.length - parked.length, 'settled dead letter')} too</span>
          </label>
        )}
      </div>
      <ul class="letters">
        {listed.map((letter) => (
          <Letter key={letter.coordinates} letter={letter} can={can} />
        ))}
      </ul>
    </div>
  );
}
