/** The dotted line from a message to the one that it caused, and dead letters on their way to the bin. */

import { placeOf } from '../coordinates.ts';
import { fallTime } from './changes.ts';
import type { Pen, Picture } from './draw.ts';
import { xOf, yOf } from './hit.ts';
import { diamond, disc, at as drawAt, ring } from './shapes.ts';

interface Point {
  x: number;
  y: number;
  /** Out of sight: it stands at that end of the lane. */
  hidden: 'older' | 'newer' | null;
}

/** Where a message is on the map. null where its topic has no lane, and for a message of later than what is shown. */
function pointOf({ layout, motion }: Picture, coordinates: string): Point | null {
  const place = placeOf(coordinates);
  const row =
    place &&
    layout.lanes.find(({ lane }) => lane.topic === place.topic && lane.partition === place.partition);
  if (!place || !row || place.offset >= row.lane.end) return null;
  const x = xOf(layout, motion.of(row).end.value, motion.scaleOf(place.topic), place.offset);
  const [left, right] = [layout.left + 8, layout.right - 8];
  const hidden = x < left ? 'older' : x > right && row.end < row.lane.end ? 'newer' : null;
  return { x: Math.max(left, hidden ? Math.min(right, x) : x), y: yOf(layout, row), hidden };
}

export function drawLinks(pen: Pen, picture: Picture, links: { from: string; to: string }[]): void {
  pen.strokeStyle = picture.colours.focus;
  pen.lineWidth = 1.5;
  pen.setLineDash([2, 4]);
  for (const link of links) {
    const from = pointOf(picture, link.from);
    const to = pointOf(picture, link.to);
    if (!from || !to || (from.hidden && to.hidden)) continue;
    const bend = (to.y - from.y) * 0.5;
    pen.beginPath();
    pen.moveTo(from.x, from.y + 10);
    pen.bezierCurveTo(from.x, from.y + bend, to.x, to.y - bend, to.x, to.y - 10);
    pen.stroke();
  }
  pen.setLineDash([]);
  for (const name of picture.ringed) drawHidden(pen, picture, name);
}

/** A ringed message that is out of sight: an arrow at the end of its lane says that it is there. */
function drawHidden(pen: Pen, picture: Picture, name: string): void {
  const point = pointOf(picture, name);
  if (!point?.hidden) return;
  drawAt(pen, point.x, point.y, picture.layout.unit, () => {
    pen.fillStyle = picture.colours.panel;
    disc(pen, 9.5);
    ring(pen, picture.colours, 2);
    if (point.hidden === 'newer') pen.scale(-1, 1);
    pen.beginPath();
    pen.moveTo(2, -4);
    pen.lineTo(-3, 0);
    pen.lineTo(2, 4);
    pen.stroke();
  });
}

export function drawFalls(pen: Pen, picture: Picture): void {
  const { layout, now, colours } = picture;
  pen.fillStyle = colours.bad;
  for (const { lane, offset, at } of picture.changes.falls) {
    const from = pointOf(picture, `${lane.topic}/${lane.partition}/${offset}`);
    if (!from) continue;
    const t = Math.max(0, Math.min(1, (now - at) / fallTime));
    const to = { x: layout.left + 20, y: layout.bin.y + layout.bin.height / 2 };
    // Down as things fall, and gently over to the bin.
    pen.globalAlpha = t > 0.85 ? (1 - t) / 0.15 : 1;
    drawAt(pen, from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t * t, layout.unit, () =>
      diamond(pen, 6),
    );
  }
  pen.globalAlpha = 1;
}
