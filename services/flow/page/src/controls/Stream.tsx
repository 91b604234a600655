/** Books rides in a stream, with keys or without. */
import { useState } from 'preact/hooks';
import type { Controls } from '../../../src/protocol.ts';
import { count } from '../format.ts';
import { Ask } from './Ask.tsx';
import { Fold } from './Fold.tsx';

const rates = [1, 5, 20, 100, 500, 2000];

export function Stream({ stream }: { stream: Controls['stream'] }) {
  const [rate, setRate] = useState(stream?.rate ?? 20);
  const isRate = Number.isInteger(rate) && rate >= 1 && rate <= 2000;
  const [keys, setKeys] = useState(stream?.keys ?? true);
  const body = { rate, keys };
  return (
    <Fold
      title="Book a stream of rides"
      shows="Lanes fill, readers fall behind and catch up. Without keys, one customer’s rides spread over the partitions and can overtake each other: the line below the map counts those that did."
      now={stream && `${count(stream.rate)} a second`}
    >
      <label class="field">
        <span>Rides a second, 1 to 2000</span>
        <input
          type="number"
          min={1}
          max={2000}
          list="rates"
          value={Number.isNaN(rate) ? '' : rate}
          aria-invalid={!isRate}
          onInput={({ currentTarget }) => setRate(currentTarget.valueAsNumber)}
        />
        <datalist id="rates">
          {rates.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <label class="option">
        <input
          type="checkbox"
          checked={keys}
          onChange={({ currentTarget }) => setKeys(currentTarget.checked)}
        />
        <span>with the customer as key, so that each customer’s rides stay in order</span>
      </label>
      <div class="row">
        <Ask method="PUT" path="/stream" body={body} disabled={!isRate}>
          {stream ? 'Change it' : 'Start'}
        </Ask>
        <Ask method="DELETE" path="/stream" disabled={!stream}>
          Stop
        </Ask>
      </div>
      {!isRate && <p class="warn">A rate is a whole number from 1 to 2000. Stop ends the stream.</p>}
      {stream?.trouble && <p class="notice warn">{stream.trouble}</p>}
    </Fold>
  );
}
