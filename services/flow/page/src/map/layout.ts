/** Where everything on the map stands, in CSS pixels. Pure: offsets grow to the right, effects go down. */
import type { Group, Lane } from '../../../src/protocol.ts';
import { keptMarks, laneKey } from '../model.ts';

export interface Row {
  kind: 'station' | 'topic' | 'lane' | 'bin';
  /** Of the service, the topic, or `topic/partition`. */
  name: string;
  y: number;
  height: number;
}

export interface LaneRow extends Row {
  kind: 'lane';
  lane: Lane;
  /** The offset at its right end: that of the lane, unless it is scrolled back. */
  end: number;
  /** The groups that read it; each has a row for its triangle below the lane. */
  readers: Group[];
}

export interface MapLayout {
  width: number;
  height: number;
  /** The lanes' left and right end. */
  left: number;
  right: number;
  /** Width of one slot, and how many fit. */
  slot: number;
  slots: number;
  laneHeight: number;
  /** There is room for the customer below each mark. */
  named: boolean;
  /** Pixels per pixel of the usual size of text: all distances grow with the text. */
  unit: number;
  /** Names stand above the lanes instead of beside them. */
  narrow: boolean;
  rows: Row[];
  lanes: LaneRow[];
  bin: Row;
}

const slotWidth = 22;
/** Of a lane with room for names, and what it takes with the gap below it; times `unit`. */
const namedHeight = 22;
const namedPitch = 31;
/** The least distance between lanes. */
const leastPitch = 26;
/** Height of the row for one reader's triangle, times `unit`. */
export const pointerHeight = 6;

/** The stations in the order of a ride's way. What else is observed comes last. */
const order = ['rides', 'transaction', 'analytics', 'email'];

/**
 * @param width what there is @param height what there is: lanes use it up to a point, and need more when there are many; null where the
 * page scrolls as a whole
 * @param unit see `MapLayout` @param endOf see `LaneRow.end`
 */
export function layOut(
  lanes: Lane[],
  groups: Group[],
  width: number,
  height: number | null,
  unit = 1,
  endOf = ({ end }: Lane) => end,
): MapLayout {
  const narrow = width < 620 * unit;
  const left = narrow ? 30 : Math.round(150 * unit);
  const right = width - (narrow ? 46 : Math.round(64 * unit));
  const slots = Math.max(6, Math.min(keptMarks, Math.floor((right - left - 8) / (slotWidth * unit))));
  const requests = lanes.filter(({ kind }) => kind === 'requests');
  const decisions = lanes.filter(({ kind }) => kind === 'decisions');
  const readersOf = ({ topic }: Lane) => groups.filter((group) => group.topic === topic);

  const pointers = (lane: Lane) => pointerHeight * unit * Math.max(1, readersOf(lane).length);
  const many = Math.max(1, requests.length + decisions.length);
  const others = (4 * (narrow ? 60 : 32) + 14 + 2 * 26 + (narrow ? 64 : 44)) * unit;
  const room = height === null ? null : height - sum([...requests, ...decisions].map(pointers));
  /** What the other rows may have of their usual height, at this distance between lanes. */
  const leaves = (pitch: number) => ((room ?? 0) - many * pitch) / others;
  // They give up an eighth before the names go, and a fifth before something is out of sight.
  const squeeze =
    room === null || narrow
      ? 1
      : Math.min(1, Math.max(4 / 5, Math.min(7 / 8, leaves(leastPitch)), leaves(namedPitch * unit)));
  const size = unit * squeeze;
  const station = (narrow ? 60 : 32) * size;
  const heading = 26 * size;
  const bin = (narrow ? 64 : 44) * size;
  const pitch = room === null ? 36 : Math.min(52, Math.max(leastPitch, (room - others * squeeze) / many));
  const laneHeight = Math.floor(Math.min(28 * unit, pitch * 0.72));

  const rows: Row[] = [];
  let y = 0;
  const add = (kind: Row['kind'], name: string, rowHeight: number) => {
    rows.push({ kind, name, y: Math.round(y), height: Math.floor(rowHeight) });
    y += rowHeight;
  };
  const addLanes = (of: Lane[]) => {
    const topic = of[0]?.topic;
    if (topic) add('topic', topic, heading);
    for (const lane of of) {
      const row: LaneRow = {
        kind: 'lane',
        name: laneKey(lane),
        y: Math.round(y),
        height: laneHeight,
        lane,
        end: endOf(lane),
        readers: readersOf(lane),
      };
      rows.push(row);
      y += pitch + pointers(lane);
    }
  };
  add('station', order[0] as string, station);
  addLanes(requests);
  add('station', order[1] as string, station + 14 * size);
  addLanes(decisions);
  for (const name of order.slice(2)) add('station', name, station);
  add('bin', 'dead letters', bin);

  return {
    width,
    height: Math.round(y),
    left,
    right,
    slot: slotWidth * unit,
    slots,
    laneHeight,
    named: laneHeight >= Math.floor(namedHeight * unit),
    unit,
    narrow,
    rows,
    lanes: rows.filter((row): row is LaneRow => row.kind === 'lane'),
    bin: rows.at(-1) as Row,
  };
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
