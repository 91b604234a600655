/** Draws the marks on one lane: shape says what it is, filling says how far it is. */
import { fillTime } from './changes.ts';
import type { Pen, Picture } from './draw.ts';
import { xBefore, xOf, yOf } from './hit.ts';
import type { LaneRow } from './layout.ts';
import {
  at,
  bar,
  cross,
  diamond,
  disc,
  hollow,
  name,
  radius,
  ring,
  square,
  stack,
  strike,
} from './shapes.ts';
import { shortName } from './short-name.ts';
import { type Slot, slotsOf } from './slots.ts';

/** How much of the ink a message keeps that every reader has finished. */
const faint = 0.42;

export function drawMarks(pen: Pen, picture: Picture, row: LaneRow): void {
  const { layout, motion, ringed, hovered, colours } = picture;
  const { lane } = row;
  const n = motion.scaleOf(lane.topic);
  const end = motion.of(row).end.value;
  // More than fit: what leaves at the left edge is still half in sight.
  const slots = slotsOf(lane, row.readers, n, end - (layout.slots + 2) * n, end + n);
  if (lane.stable < lane.end && n === 1) drawStable(pen, picture, row, end);
  for (const slot of slots) {
    const x = xOf(layout, end, n, slot.from);
    if (x < layout.left - layout.slot || x > layout.right + layout.slot) continue;
    at(pen, x, yOf(layout, row), layout.unit, () => {
      drawSlot(pen, picture, slot, n === 1 ? filled(picture, `${row.name}/${slot.from}`) : 1, n > 1);
      if (isRinged(ringed, row.name, slot)) ring(pen, colours, 2);
      else if (hovered === `${row.name}/${slot.from}`) ring(pen, colours, 1);
      if (layout.named && slot.customer) name(pen, colours, shortName(slot.customer));
    });
  }
}

/** How far a mark has got from the look of its old state to that of the new one, 0 to 1. */
function filled({ changes, now }: Picture, name: string): number {
  const fill = changes.fills.get(name);
  return fill ? Math.max(0, Math.min(1, (now - fill.at) / fillTime)) : 1;
}

function drawSlot(pen: Pen, { colours }: Picture, slot: Slot, done: number, many: boolean): void {
  const { look, state, read } = slot;
  const rejected = look === 'rejected';
  pen.strokeStyle = colours.ink;
  pen.fillStyle = colours.ink;
  if (look === 'unknown') {
    pen.globalAlpha = 0.3;
    disc(pen, 1.6);
  } else if (look === 'commit' || look === 'abort') {
    bar(pen, colours);
    if (look === 'abort') strike(pen, colours, 5);
  } else if (look === 'dead letter') {
    pen.fillStyle = colours.bad;
    diamond(pen, 7);
  } else if (look === 'passed' || look === 'lost') {
    pen.setLineDash([3, 2.5]);
    hollow(pen, look === 'lost' ? colours.bad : colours.ink, 1.6, false);
    pen.setLineDash([]);
    if (look === 'lost') cross(pen, colours.bad);
  } else if (state === 'aborted') {
    hollow(pen, colours.soft, 1.2, rejected);
    strike(pen, colours, 8 * done);
  } else if (state === 'open') {
    hollow(pen, colours.ink, 1.6, rejected);
  } else {
    const strength = read ? faint : 1;
    pen.globalAlpha = strength * 0.45;
    if (many) stack(pen);
    pen.globalAlpha = 1;
    if (done < 1) hollow(pen, colours.ink, 1.6, rejected);
    pen.globalAlpha = strength;
    (rejected ? square : disc)(pen, radius * done);
  }
  pen.globalAlpha = 1;
}

/** From here on a read-committed reader sees nothing yet: the last stable offset. */
function drawStable(pen: Pen, { layout, colours }: Picture, row: LaneRow, end: number): void {
  const x = xBefore(layout, end, 1, row.lane.stable);
  pen.strokeStyle = colours.soft;
  pen.lineWidth = 1;
  pen.setLineDash([2, 3]);
  pen.beginPath();
  pen.moveTo(x, row.y - 3);
  pen.lineTo(x, row.y + row.height + 3);
  pen.stroke();
  pen.setLineDash([]);
}

function isRinged(ringed: Set<string>, lane: string, { from, to }: Slot): boolean {
  if (ringed.size === 0) return false;
  if (to === from + 1) return ringed.has(`${lane}/${from}`);
  for (const name of ringed) {
    const cut = name.lastIndexOf('/');
    const offset = Number(name.slice(cut + 1));
    if (name.slice(0, cut) === lane && offset >= from && offset < to) return true;
  }
  return false;
}
