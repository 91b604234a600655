/** What is lost or doubled, each with a link to its ride. */
import type { Violation } from '../../../src/protocol.ts';
import { clock, shortId } from '../format.ts';
import { choose } from '../ride/choice.ts';

export function Violations({ violations }: { violations: Violation[] }) {
  return (
    <ul class="violations">
      {violations.map(({ at, what, ride, coordinates, text }) => (
        <li key={`${at} ${coordinates} ${what}`}>
          <b class={what === 'overtaken' ? 'warn' : 'bad'}>{what === 'twice' ? 'decided twice' : what}</b>{' '}
          <button
            type="button"
            class="link"
            onClick={() => choose(ride ? { ride } : { message: coordinates })}
          >
            {ride ? `ride ${shortId(ride)}` : coordinates}
          </button>{' '}
          <span class="soft">
            {what === 'lost' || what === 'expired' ? 'noticed ' : ''}
            {clock(at)}: {text}
          </span>
        </li>
      ))}
    </ul>
  );
}
