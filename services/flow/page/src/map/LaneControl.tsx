/** One lane for pointer and keyboard: a slider over its offsets. Enter or a click chooses the message. */
import type { Process } from '../../../src/protocol.ts';
import { count } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import { choose } from '../ride/choice.ts';
import { describeLane, describeSlot } from './describe.ts';
import { offsetAt, xOf } from './hit.ts';
import type { LaneRow, MapLayout } from './layout.ts';
import { pointed, tabLane } from './pointer.ts';

interface Props {
  row: LaneRow;
  layout: MapLayout;
  place: { top: string; height: string };
  processes: Process[];
  /** Offsets per mark. */
  n: number;
  /** The right end of what is drawn just now. */
  endNow: () => number;
}

export function LaneControl({ row, layout, place, processes, n, endNow }: Props) {
  const { lane, readers, name } = row;
  const on = pointed.value?.lane === name ? pointed.value.offset : null;
  const newest = Math.max(0, Math.floor((lane.end - 1) / n) * n);
  const oldest = Math.max(Math.floor(lane.start / n) * n, newest - (layout.slots - 1) * n);
  const ownerName = (id: string) => processes.find((process) => process.id === id)?.name ?? id;
  const text = on === null ? '' : describeSlot(lane, readers, n, on);

  const point = (offset: number | null) => {
    pointed.value = offset === null ? null : { lane: name, offset };
  };
  const pick = (offset: number) => {
    if (lane.end === 0) return;
    // Of a crowd, the newest that is known.
    const known = lane.marks.findLast(
      (mark) => mark.offset >= offset && mark.offset < offset + n && isMessage(mark.what),
    );
    choose({ message: `${name}/${known?.offset ?? offset}` });
  };
  const at = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return offsetAt(layout, endNow(), n, event.clientX - box.left + layout.left);
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => point(Math.max(oldest, (on ?? newest + n) - n)),
    ArrowRight: () => point(Math.min(newest, (on ?? newest - n) + n)),
    PageUp: () => point(Math.max(oldest, (on ?? newest) - 10 * n)),
    PageDown: () => point(Math.min(newest, (on ?? newest) + 10 * n)),
    Home: () => point(oldest),
    End: () => point(newest),
    Enter: () => pick(on ?? newest),
    ' ': () => pick(on ?? newest),
    Escape: () => point(null),
    ArrowUp: () => neighbour(layout, name, -1),
    ArrowDown: () => neighbour(layout, name, 1),
  };
  const first = tabLane.value ?? layout.lanes[0]?.name;
  return (
    <div class="lane" style={place}>
      <span class="label soft" style={{ width: `${layout.left - 12}px` }}>
        {layout.narrow ? `p${lane.partition}` : `partition ${lane.partition}`}
      </span>
      <div
        role="slider"
        class="marks"
        id={`lane ${name}`}
        style={{ left: `${layout.left}px`, width: `${layout.right - layout.left}px` }}
        tabIndex={first === name ? 0 : -1}
        aria-label={`Messages of ${describeLane(lane, readers, ownerName)}`}
        aria-valuemin={lane.start}
        aria-valuemax={Math.max(0, lane.end - 1)}
        aria-valuenow={on ?? newest}
        aria-valuetext={text || 'Arrow keys go from message to message, Enter chooses one.'}
        onFocus={() => {
          tabLane.value = name;
          if (on === null && lane.end > 0) point(newest);
        }}
        onBlur={() => point(null)}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
        onPointerMove={(event) => point(at(event))}
        onPointerLeave={() => point(null)}
        onClick={(event) => {
          const offset = at(event);
          if (offset !== null) pick(offset);
        }}
      />
      <span class="end soft num" style={{ left: `${layout.right + 7}px` }} title="end offset">
        {count(lane.end)}
        {lane.stable < lane.end && (
          <small class="warn">
            <Term of="last stable offset">{layout.narrow ? 'LSO' : 'stable'}</Term> {count(lane.stable)}
          </small>
        )}
      </span>
      {on !== null && (
        <span
          class="tip"
          aria-hidden="true"
          style={tipPlace(
            layout,
            Math.max(layout.left, Math.min(layout.right, xOf(layout, endNow(), n, on))),
          )}
        >
          {text}
        </span>
      )}
    </div>
  );
}

const isMessage = (what: string) => what === 'message' || what === 'rejected';

/** Above the mark, and towards the middle of the map. */
function tipPlace({ left, right, width }: MapLayout, x: number) {
  return x > (left + right) / 2 ? { right: `${width - x - 12}px` } : { left: `${x - 12}px` };
}

function neighbour({ lanes }: MapLayout, name: string, by: number): void {
  const next = lanes[lanes.findIndex((row) => row.name === name) + by];
  if (next) document.getElementById(`lane ${next.name}`)?.focus();
}
