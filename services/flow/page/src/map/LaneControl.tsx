/**
 * One lane for pointer and keyboard: a slider over its offsets. Enter or a click chooses the message; the wheel, a drag or the arrow keys
 * scroll back to older ones.
 */
import { useRef } from 'preact/hooks';
import type { Process } from '../../../src/protocol.ts';
import { count } from '../format.ts';
import { Term } from '../glossary/Term.tsx';
import { choose } from '../ride/choice.ts';
import { scrollTo } from '../time/scroll.ts';
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
  const { lane, readers, name, end } = row;
  const on = pointed.value?.lane === name ? pointed.value.offset : null;
  const newest = Math.max(0, Math.floor((lane.end - 1) / n) * n);
  const oldest = Math.floor(lane.start / n) * n;
  /** Of those in sight. */
  const last = Math.max(0, Math.floor((end - 1) / n) * n);
  const size = layout.slots * n;
  const dragging = useRef<{ x: number; end: number; moved: boolean } | null>(null);
  const ownerName = (id: string) => processes.find((process) => process.id === id)?.name ?? id;
  const text = on === null ? '' : describeSlot(lane, readers, n, on);

  const point = (offset: number | null) => {
    pointed.value = offset === null ? null : { lane: name, offset };
  };
  /** Goes to an offset, and scrolls as far as is needed for it to be in sight. */
  const go = (to: number) => {
    const offset = Math.max(oldest, Math.min(newest, to));
    if (offset < last - size + n) scrollTo(lane, offset + size, size);
    else if (offset > last) scrollTo(lane, offset + n, size);
    point(offset);
  };
  /** @param from the offset at the right end before @param by pixels to the right */
  const scroll = (from: number, by: number) => scrollTo(lane, from - (by / layout.slot) * n, size);
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
    ArrowLeft: () => go((on ?? last + n) - n),
    ArrowRight: () => go((on ?? last - n) + n),
    PageUp: () => go((on ?? last) - 10 * n),
    PageDown: () => go((on ?? last) + 10 * n),
    Home: () => go(oldest),
    End: () => go(newest),
    Enter: () => pick(on ?? last),
    ' ': () => pick(on ?? last),
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
        aria-valuenow={on ?? last}
        aria-valuetext={text || 'Arrow keys go from message to message, Enter chooses one.'}
        onFocus={() => {
          tabLane.value = name;
          if (on === null && lane.end > 0) point(last);
        }}
        onBlur={() => point(null)}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
        onPointerDown={({ clientX, currentTarget, pointerId }) => {
          dragging.current = { x: clientX, end, moved: false };
          currentTarget.setPointerCapture(pointerId);
        }}
        onPointerMove={(event) => {
          const drag = dragging.current;
          const by = drag ? event.clientX - drag.x : 0;
          if (drag && Math.abs(by) > slack) drag.moved = true;
          if (drag?.moved) scroll(drag.end, by);
          point(drag?.moved ? null : at(event));
        }}
        onPointerLeave={({ currentTarget }) => {
          // A pointer that lies somewhere takes nothing from who goes by keyboard.
          if (!currentTarget.matches(':focus-visible')) point(null);
        }}
        onPointerCancel={() => {
          dragging.current = null;
        }}
        onClick={(event) => {
          const { moved = false } = dragging.current ?? {};
          dragging.current = null;
          const offset = at(event);
          if (!moved && offset !== null) pick(offset);
        }}
        onWheel={(event) => {
          const by = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
          if (Math.abs(by) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
          event.preventDefault();
          point(null);
          scroll(end, -by);
        }}
      />
      {end < lane.end && (
        <button
          type="button"
          class="newer"
          style={{ right: `${layout.width - layout.right + 3}px` }}
          aria-label={`${count(lane.end - Math.floor(end))} newer →: back to the newest of ${lane.topic}, partition ${lane.partition}`}
          onClick={() => scrollTo(lane, lane.end, size)}
        >
          {count(lane.end - Math.floor(end))} newer →
        </button>
      )}
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

/** A press that moves no further, in pixels, is no drag. */
const slack = 5;
const isMessage = (what: string) => what === 'message' || what === 'rejected';

/** Above the mark, and towards the middle of the map. */
function tipPlace({ left, right, width }: MapLayout, x: number) {
  return x > (left + right) / 2 ? { right: `${width - x - 12}px` } : { left: `${x - 12}px` };
}

function neighbour({ lanes }: MapLayout, name: string, by: number): void {
  const next = lanes[lanes.findIndex((row) => row.name === name) + by];
  if (next) document.getElementById(`lane ${next.name}`)?.focus();
}
