/** At each decision that is held in an open transaction: for how long it still is. */
import type { View } from '../../../src/protocol.ts';
import { countdown } from '../format.ts';
import { shownAt } from '../time/shown.ts';
import { openHolds, whatEndsIt } from './held.ts';
import { xOf } from './hit.ts';
import type { MapLayout } from './layout.ts';

interface Props {
  view: View;
  layout: MapLayout;
  /** Offsets per mark, by topic. */
  scales: Map<string, number>;
}

export function HoldNotes({ view, layout, scales }: Props) {
  return (
    <>
      {openHolds(view).map(({ process, request, decision, until }) => {
        const row = layout.lanes.find(({ name }) => name === decision?.lane);
        if (!row || !decision) return null;
        const n = scales.get(row.lane.topic) ?? 1;
        const x = Math.max(layout.left, xOf(layout, row.end, n, decision.offset));
        if (x > layout.right) return null;
        return (
          <div
            key={request}
            class="hold"
            title={whatEndsIt}
            style={{
              top: `${row.y}px`,
              height: `${row.height}px`,
              right: `${layout.width - x + layout.slot * 0.6}px`,
            }}
          >
            {layout.narrow
              ? `held open ${countdown(until - shownAt.value)}`
              : `held open by ${process.name}, commits by itself in ${countdown(until - shownAt.value)}`}
          </div>
        );
      })}
    </>
  );
}
