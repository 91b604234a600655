/** Writes a message that no reader can process. */
import { useState } from 'preact/hooks';
import type { Controls } from '../../../src/protocol.ts';
import { Ask } from './Ask.tsx';
import { Fold } from './Fold.tsx';

/** Chosen first: its value is whole, and one corrected field makes it a ride. */
const easiest = 'wrong-field';
const topics = ['ride_details', 'ride_confirmed'];

export function Poison({ kinds }: { kinds: Controls['poisonKinds'] }) {
  const [kind, setKind] = useState((kinds.find(({ name }) => name === easiest) ?? kinds[0])?.name ?? '');
  const [topic, setTopic] = useState('ride_details');
  return (
    <Fold
      title="Send a poison message"
      shows="It goes to the dead-letter topic with the reason, and the messages behind it are processed. You can correct it under “Dead letters” and replay it."
    >
      {kinds.map(({ name, text }) => (
        <label key={name} class="option">
          <input type="radio" name="poison" checked={kind === name} onChange={() => setKind(name)} />
          <span>
            <b>{name}</b> <span class="soft">{text}</span>
          </span>
        </label>
      ))}
      <div class="row">
        <label class="inline">
          onto{' '}
          <select value={topic} onChange={({ currentTarget }) => setTopic(currentTarget.value)}>
            {topics.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Ask method="POST" path="/poison" body={{ kind, topic }}>
          Send it
        </Ask>
      </div>
    </Fold>
  );
}
