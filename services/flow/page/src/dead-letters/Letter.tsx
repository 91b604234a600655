/** One dead letter: its reason, its original bytes, and what to do with it. */
import { useState } from 'preact/hooks';
import type { DeadLetterView } from '../../../src/protocol.ts';
import { get } from '../api.ts';
import { refuse } from '../controls/state.ts';
import { clock, plural } from '../format.ts';
import { bytesOf, hexdump } from '../ride/bytes.ts';
import { choose } from '../ride/choice.ts';
import { settle } from './settle.ts';

export function Letter({ letter, can }: { letter: DeadLetterView; can: boolean }) {
  const { coordinates, reader, reason, from, at, resolved, bytes, truncated } = letter;
  const [whole, setWhole] = useState<DeadLetterView | null>(null);
  const { value } = whole ?? letter;
  // In a long list the values are left out.
  const missing = value === null && bytes !== null;
  const load = async () =>
    setWhole(await get<DeadLetterView>(`/api/dead-letters/${coordinates}`).catch(refused));
  const text = value && 'text' in value ? value.text : value ? new TextDecoder().decode(bytesOf(value)) : '';
  const [edit, setEdit] = useState<string | null>(null);
  const [raw, setRaw] = useState(false);
  const replay = async () => {
    const edited = edit !== null && edit !== text;
    const done = await settle('replay', [coordinates], {
      ...(edited && { edit: { text: edit } }),
      ...(resolved && { again: true }),
    });
    if (done) setEdit(null);
  };
  return (
    <li>
      <p class="reason">
        <i class="diamond" aria-hidden="true" />
        <b>{reason}</b>
      </p>
      <p class="soft small">
        parked by {reader} at {clock(Date.parse(at))}
        {from && (
          <>
            , from{' '}
            <button type="button" class="coordinates" onClick={() => choose({ message: from })}>
              {from}
            </button>
          </>
        )}
        , {bytes === null ? 'no value' : plural(bytes, 'byte')}
      </p>
      {truncated && <p class="small warn">Not whole: {truncated}.</p>}
      {resolved && (
        <p class="small">
          {resolved.by === 'drop' ? 'Dropped' : 'Replayed'} at {clock(Date.parse(resolved.at))}
          {resolved.as && (
            <>
              {' as '}
              <button
                type="button"
                class="coordinates"
                onClick={() => resolved.as && choose({ message: resolved.as })}
              >
                {resolved.as}
              </button>
            </>
          )}
          .
        </p>
      )}
      {missing ? null : edit === null ? (
        <pre tabIndex={0}>
          {value === null ? '(no value)' : raw ? hexdump(bytesOf(value)).join('\n') : text}
        </pre>
      ) : (
        <label class="field">
          <span>
            The value that is written instead
            {value &&
              'base64' in value &&
              '; the original is no UTF-8, and what could not be read shows as \uFFFD'}
          </span>
          <textarea
            rows={6}
            spellcheck={false}
            value={edit}
            onInput={({ currentTarget }) => setEdit(currentTarget.value)}
          />
        </label>
      )}
      <div class="row">
        {can && (
          <button type="button" onClick={() => void replay()}>
            {edit !== null && edit !== text
              ? 'Replay the edited message'
              : resolved
                ? 'Replay again'
                : 'Replay'}
          </button>
        )}
        {missing && (
          <button type="button" onClick={() => void load()}>
            Show its value
          </button>
        )}
        {can && edit === null && !missing && (
          <button type="button" onClick={() => setEdit(text)}>
            Edit
          </button>
        )}
        {can && edit === null && !resolved && (
          <button type="button" onClick={() => void settle('drop', [coordinates])}>
            Drop
          </button>
        )}
        {edit !== null && (
          <button type="button" onClick={() => setEdit(null)}>
            Keep the original
          </button>
        )}
        {edit === null && value !== null && (
          <button type="button" class="link" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            {raw ? 'as text' : 'raw bytes'}
          </button>
        )}
      </div>
    </li>
  );
}

const refused = (error: unknown): null => {
  refuse(error);
  return null;
};
