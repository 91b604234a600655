/** The ride that is played, where it is on the map. It glides from step to step; with reduced motion it is there at once. */
import { useEffect } from 'preact/hooks';
import { placeOf } from '../coordinates.ts';
import { xOf, yOf } from '../map/hit.ts';
import type { LaneRow, MapLayout } from '../map/layout.ts';
import { wanted } from '../time/scroll.ts';
import { titleOf } from './Player.tsx';
import { placeOfStep } from './place.ts';
import { play } from './play.ts';

interface Props {
  layout: MapLayout;
  /** Offsets per mark, by topic. */
  scales: Map<string, number>;
}

export function Token({ layout, scales }: Props) {
  const now = play.value;
  const step = now?.steps[now.at];
  const mark = now?.steps
    .slice(0, now.at + 1)
    .map(placeOfStep)
    .flatMap((place) => ('mark' in place ? [place.mark] : []))
    .at(-1);
  useEffect(() => {
    if (mark) wanted.value = mark;
  }, [mark]);
  if (!now || !step) return null;
  const place = placeOfStep(step);
  // Stations have no place from left to right: there it stands below the message that it came from, or above the one that it goes to.
  const beside = mark ?? now.steps.map(placeOfStep).flatMap((one) => ('mark' in one ? [one.mark] : []))[0];
  const x = xOfMark(layout, scales, beside) ?? layout.right;
  const row =
    'mark' in place ? rowOf(layout, place.mark) : layout.rows.find(({ name }) => name === place.row);
  if (!row) return null;
  const y = row.kind === 'lane' ? yOf(layout, row as LaneRow) : row.y + row.height / 2;
  return (
    <div
      class="token"
      style={{ left: `${x}px`, top: `${y}px`, right: 'auto' }}
      data-at={'mark' in place ? place.mark : place.row}
    >
      <span class={x > (layout.left + layout.right) / 2 ? 'to-left' : ''}>{titleOf(step)}</span>
    </div>
  );
}

function rowOf({ lanes }: MapLayout, coordinates: string): LaneRow | undefined {
  const place = placeOf(coordinates);
  return lanes.find(({ lane }) => lane.topic === place?.topic && lane.partition === place.partition);
}

function xOfMark(
  layout: MapLayout,
  scales: Map<string, number>,
  coordinates: string | undefined,
): number | null {
  const place = placeOf(coordinates ?? '');
  const row = coordinates && rowOf(layout, coordinates);
  if (!place || !row) return null;
  const x = xOf(layout, row.end, scales.get(place.topic) ?? 1, place.offset);
  return Math.max(layout.left, Math.min(layout.right, x));
}
