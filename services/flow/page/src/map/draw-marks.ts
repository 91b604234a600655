/** Draws the marks on one lane: shape says what it is, filling says how far it is. */
import { type Changes, fillTime } from './changes.ts';
import type { Pen, Picture } from './draw.ts';
import { xBefore, xOf } from './hit.ts';
import type { LaneRow } from './layout.ts';
import { type Slot, slotsOf } from './slots.ts';

const full = Math.PI * 2;
const radius = 6;

export function drawMarks(pen: Pen, picture: Picture & { changes?: Changes }, row: LaneRow): void {
  const { layout, motion, ringed, hovered } = picture;
  const { lane } = row;
  const n = motion.scaleOf(lane.topic);
  const end = motion.of(row).end.value;
  const y = row.y + row.height / 2;
  // One more slot than fits: what leaves at the left edge is still half in sight.
  const slots = slotsOf(lane, row.readers, n, end - (layout.slots + 2) * n);
  if (lane.stable < lane.end && n === 1) drawStable(pen, picture, row, end);
  for (const slot of slots) {
    const x = xOf(layout, end, n, slot.from);
    if (x < layout.left - 10 || x > layout.right + 10) continue;
    const name = `${row.name}/${slot.from}`;
    if (slot.from === lane.start || slot.to > lane.start) drawSlot(pen, picture, slot, x, y, n, name);
    if (isRinged(ringed, row.name, slot)) ring(pen, picture, x, y, 2, 9.5);
    else if (hovered !== null && hovered === name) ring(pen, picture, x, y, 1, 9.5);
  }
}

function drawSlot(
  pen: Pen,
  picture: Picture & { changes?: Changes },
  slot: Slot,
  x: number,
  y: number,
  n: number,
  name: string,
): void {
  const { colours, changes, now } = picture;
  const fill = changes?.fills.get(name);
  const filled = fill ? Math.max(0, Math.min(1, (now - fill.at) / fillTime)) : 1;
  pen.strokeStyle = colours.ink;
  pen.fillStyle = colours.ink;
  const strength = slot.read ? 0.42 : 1;
  switch (slot.look) {
    case 'unknown':
      pen.globalAlpha = 0.3;
      disc(pen, x, y, 1.6);
      break;
    case 'commit':
      pen.fillStyle = colours.soft;
      pen.fillRect(x - 1, y - 7, 2, 14);
      break;
    case 'abort':
      pen.fillStyle = colours.soft;
      pen.fillRect(x - 1, y - 7, 2, 14);
      strike(pen, picture, x, y, 5);
      break;
    case 'dead letter':
      pen.fillStyle = colours.bad;
      diamond(pen, x, y, 7);
      break;
    default: {
      const shape = slot.look === 'rejected' ? square : disc;
      if (n > 1) {
        // A second edge behind it: a stack, not one message.
        pen.globalAlpha = strength * 0.45;
        pen.lineWidth = 1.4;
        pen.beginPath();
        pen.arc(x + 3, y, radius, -1.1, 1.1);
        pen.stroke();
      }
      if (slot.state === 'aborted') {
        pen.globalAlpha = 1;
        hollow(pen, colours.soft, 1.2, x, y, slot.look);
        strike(pen, picture, x, y, 8 * filled);
      } else if (slot.state === 'open') hollow(pen, colours.ink, 1.6, x, y, slot.look);
      else {
        if (fill?.from === 'open' && filled < 1) hollow(pen, colours.ink, 1.6, x, y, slot.look);
        pen.globalAlpha = strength;
        shape(pen, x, y, radius * filled);
      }
    }
  }
  pen.globalAlpha = 1;
}

/** From here on a read-committed reader sees nothing yet: the last stable offset. */
function drawStable(pen: Pen, { layout, motion, colours }: Picture, row: LaneRow, end: number): void {
  const x = xBefore(layout, end, motion.scaleOf(row.lane.topic), row.lane.stable);
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

export function ring(pen: Pen, { colours }: Picture, x: number, y: number, width: number, r: number): void {
  pen.strokeStyle = colours.focus;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, r, 0, full);
  pen.stroke();
}

function disc(pen: Pen, x: number, y: number, r: number): void {
  pen.beginPath();
  pen.arc(x, y, r, 0, full);
  pen.fill();
}

function square(pen: Pen, x: number, y: number, r: number): void {
  const half = r * 0.85;
  pen.fillRect(x - half, y - half, 2 * half, 2 * half);
}

export function diamond(pen: Pen, x: number, y: number, r: number): void {
  pen.beginPath();
  pen.moveTo(x, y - r);
  pen.lineTo(x + r, y);
  pen.lineTo(x, y + r);
  pen.lineTo(x - r, y);
  pen.fill();
}

function hollow(pen: Pen, colour: string, width: number, x: number, y: number, look: Slot['look']): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  if (look === 'rejected') pen.rect(x - 4.6, y - 4.6, 9.2, 9.2);
  else pen.arc(x, y, 5.4, 0, full);
  pen.stroke();
}

function strike(pen: Pen, { colours }: Picture, x: number, y: number, r: number): void {
  pen.strokeStyle = colours.bad;
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.moveTo(x - r, y + r * 0.625);
  pen.lineTo(x + r, y - r * 0.625);
  pen.stroke();
}
