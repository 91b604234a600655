/** The bin below the map: dead letters that nobody has replayed or dropped, the newest first. */
import type { View } from '../../../src/protocol.ts';
import { plural } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import { choose, tab } from '../ride/choice.ts';
import { watches } from '../share/watches.ts';
import { parked } from './bin.ts';
import type { MapLayout } from './layout.ts';

interface Props {
  view: View;
  layout: MapLayout;
  place: { top: string; height: string };
}

export function Bin({ view, layout, place }: Props) {
  const letters = parked(view.lanes);
  const fits = Math.max(1, Math.floor((layout.right - layout.left - 150) / 24));
  const rest = letters.length - fits;
  return (
    <div class="bin" style={place}>
      <h2 style={{ width: layout.narrow ? 'auto' : `${layout.left}px` }}>
        <Term of="dead letter">dead letters</Term>
      </h2>
      <div class="box" style={layout.narrow ? {} : { width: `${layout.right - layout.left}px` }}>
        {letters.slice(0, fits).map(({ coordinates, cause, reader }) => (
          <button
            type="button"
            key={coordinates}
            class="letter"
            aria-label={`Dead letter of ${reader}: ${cause ?? coordinates}`}
            title={`${cause ?? coordinates}, parked by ${reader}`}
            onClick={() => choose({ message: coordinates })}
          />
        ))}
        {letters.length === 0 ? (
          <span class="soft">
            {view.lanes.some(({ kind, end }) => kind === 'dead letters' && end > 0)
              ? 'none left: each one was replayed or dropped'
              : 'none: every message so far could be processed'}
          </span>
        ) : watches ? null : (
          <button type="button" class="link" onClick={() => (tab.value = 'dead letters')}>
            {rest > 0 ? `and ${plural(rest, 'more', 'more')}; see why` : 'see why'}
          </button>
        )}
      </div>
    </div>
  );
}
