/** Draws the lanes: one picture from what is known now, in few strokes. */
import type { Changes } from './changes.ts';
import type { Colours } from './colours.ts';
import { drawMarks } from './draw-marks.ts';
import { xBefore } from './hit.ts';
import { type LaneRow, type MapLayout, pointerHeight } from './layout.ts';
import type { Motion } from './motion.ts';

export interface Picture {
  layout: MapLayout;
  motion: Motion;
  changes: Changes;
  colours: Colours;
  now: number;
  /** `Process.colour` by `Process.id`. */
  colourOf: Map<string, number>;
  /** `topic/partition/offset` of what is ringed: the messages of the chosen ride. */
  ringed: Set<string>;
  /** What the pointer or the keyboard is on. */
  hovered: string | null;
}

export type Pen = CanvasRenderingContext2D;

export function drawLanes(pen: Pen, picture: Picture): void {
  for (const row of picture.layout.lanes) {
    drawBed(pen, picture, row);
    pen.save();
    pen.beginPath();
    const { left, right } = picture.layout;
    pen.rect(left, row.y - 4, right - left, row.height + 8);
    pen.clip();
    drawMarks(pen, picture, row);
    pen.restore();
    drawReaders(pen, picture, row);
  }
}

/** The lane itself, tinted by the process that owns the partition. */
function drawBed(pen: Pen, picture: Picture, row: LaneRow): void {
  const { left, right } = picture.layout;
  const { colours } = picture;
  pen.fillStyle = colours.lane;
  fillRound(pen, left, row.y, right - left, row.height, 5);
  const owners = ownersOf(picture, row);
  for (const [i, colour] of owners.entries()) {
    const height = row.height / owners.length;
    const y = row.y + i * height;
    pen.fillStyle = colour ?? colours.line;
    if (colour && owners.length === 1) {
      pen.globalAlpha = 0.1;
      fillRound(pen, left, row.y, right - left, row.height, 5);
      pen.globalAlpha = 1;
    }
    // No owner: nobody reads this partition now, and the bar is missing in its middle.
    if (colour) fillRound(pen, left - 6, y, 3, height - (owners.length > 1 ? 1 : 0), 1.5);
    else {
      fillRound(pen, left - 6, y, 3, height * 0.25, 1.5);
      fillRound(pen, left - 6, y + height * 0.75, 3, height * 0.25, 1.5);
    }
  }
}

const ownersOf = (picture: Picture, { lane, readers }: LaneRow): (string | null)[] =>
  readers.map(({ partitions }) => {
    const owner = partitions[lane.partition]?.owner;
    const colour = owner ? picture.colourOf.get(owner) : undefined;
    return colour === undefined ? null : (picture.colours.process[colour % 6] ?? null);
  });

/** Each reader's committed place as a triangle, its lag as a bar up to the lane's end. */
function drawReaders(pen: Pen, picture: Picture, row: LaneRow): void {
  const { layout, motion, colours } = picture;
  const n = motion.scaleOf(row.lane.topic);
  const moving = motion.of(row);
  const owners = ownersOf(picture, row);
  for (const [i, group] of row.readers.entries()) {
    const place = moving.committed.get(group.name)?.value ?? row.lane.end;
    const x = Math.max(layout.left, xBefore(layout, moving.end.value, n, place));
    const end = layout.right - 4;
    // What the group has read goes on beyond what is in sight.
    if (x > layout.right) continue;
    const y = row.y + row.height + 1 + i * pointerHeight * layout.unit;
    const size = layout.unit;
    pen.fillStyle = owners[i] ?? colours.soft;
    if (end - x > 2) {
      pen.globalAlpha = 0.55;
      pen.fillRect(x, y + 1.5 * size, end - x, 2.5 * size);
      pen.globalAlpha = 1;
    }
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + 4.5 * size, y + 6 * size);
    pen.lineTo(x - 4.5 * size, y + 6 * size);
    pen.fill();
  }
}

function fillRound(pen: Pen, x: number, y: number, width: number, height: number, radius: number): void {
  pen.beginPath();
  pen.roundRect(x, y, width, height, radius);
  pen.fill();
}
