/** The messages of a ride: key, headers and value, parsed and raw, and what led to each. */
import { useState } from 'preact/hooks';
import type { Bytes, MessageView, RideStory } from '../../../src/protocol.ts';
import { Term } from '../glossary/Term.tsx';
import { bytesOf, hexdump } from './bytes.ts';
import { showMessage } from './choice.ts';
import { difference } from './difference.ts';

export function Messages({ story }: { story: RideStory }) {
  const byPlace = new Map(story.messages.map((message) => [message.coordinates, message]));
  return (
    <div class="messages">
      {story.messages.map((message) => (
        <Message
          key={message.coordinates}
          message={message}
          input={message.cause ? (byPlace.get(message.cause) ?? null) : null}
        />
      ))}
    </div>
  );
}

function titleOf({ coordinates, cause }: MessageView): string {
  if (coordinates.includes('.dlq/')) return 'Dead letter';
  if (coordinates.startsWith('ride_confirmed/')) return 'Decision';
  return cause ? 'Replay' : 'Request';
}

const states: Record<MessageView['state'], string> = {
  plain: '',
  open: 'transaction open',
  committed: 'committed',
  aborted: 'aborted',
};

function Message({ message, input }: { message: MessageView; input: MessageView | null }) {
  const { coordinates, state, key, headers, value, parsed, cause } = message;
  const [raw, setRaw] = useState(false);
  const lines = difference(input?.parsed ?? null, parsed);
  return (
    <section class="message">
      <header>
        <h3>{titleOf(message)}</h3>
        <span class="soft small">
          <Term of="coordinates">at</Term> <code>{coordinates}</code> {states[state]}
        </span>
      </header>
      <p class="soft small">
        <Term of="key" /> <code>{key ? textOf(key) : 'none'}</code>
        {cause && (
          <>
            {' · '}
            <Term of="cause">caused by</Term>{' '}
            <button type="button" class="coordinates" onClick={() => showMessage(cause)}>
              {cause}
            </button>
          </>
        )}
        <button type="button" class="link raw" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {raw ? 'parsed' : 'raw bytes'}
        </button>
      </p>
      {value === null && <p>It has no value: compacted topics use that to delete a key.</p>}
      {value !== null && (raw || !lines) && (
        <pre tabIndex={0}>{raw || !('text' in value) ? hexdump(bytesOf(value)).join('\n') : value.text}</pre>
      )}
      {value !== null && !raw && lines && (
        <pre tabIndex={0}>
          {lines.map(({ change, name, value, before }) => (
            <span key={name} class={change}>
              <i>{signs[change]}</i> "{name}": {value}
              {before !== undefined && <s>{before}</s>}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
      <details>
        <summary>{Object.keys(headers).length} headers</summary>
        <p class="soft small">
          <Term of="headers">What headers are for</Term>
        </p>
        <dl>
          {Object.entries(headers).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

const signs = { same: ' ', added: '+', changed: '~', removed: '−' };
const textOf = (bytes: Bytes) => ('text' in bytes ? bytes.text : `${bytes.base64} (base64)`);
