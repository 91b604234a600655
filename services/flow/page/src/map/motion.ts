/** Motion only where something moved: values that glide to where they belong, and step where motion is not wanted. */
import { laneKey } from '../model.ts';
import type { LaneRow, MapLayout } from './layout.ts';
import { Rate, Scale, wantedScale } from './scale.ts';

/** Of the way that is left, all but 1/e is gone after so many milliseconds. */
const inertia = 90;

export class Glide {
  value: number;
  constructor(value: number) {
    this.value = value;
  }
  /** @param near below this distance it is there @returns whether it still moves */
  toward(target: number, elapsed: number, near: number, step: boolean): boolean {
    const rest = target - this.value;
    if (step || Math.abs(rest) <= near) {
      this.value = target;
      return false;
    }
    this.value += rest * (1 - Math.exp(-elapsed / inertia));
    return true;
  }
}

interface Moving {
  end: Glide;
  /** By group: its committed place. */
  committed: Map<string, Glide>;
  rate: Rate;
}

export class Motion {
  private readonly lanes = new Map<string, Moving>();
  private readonly scales = new Map<string, Scale>();

  of(row: LaneRow): Moving {
    const key = laneKey(row.lane);
    let moving = this.lanes.get(key);
    if (!moving) {
      moving = { end: new Glide(row.end), committed: new Map(), rate: new Rate() };
      this.lanes.set(key, moving);
    }
    return moving;
  }

  /** Offsets that one mark of a topic stands for: the same on all its lanes, so that their lags can be compared. */
  scaleOf(topic: string): number {
    return this.scales.get(topic)?.n ?? 1;
  }

  /** Learns what has arrived. @param now in milliseconds @param frozen nothing arrives, so each mark can be looked at */
  see(layout: MapLayout, now: number, frozen: boolean): void {
    for (const [topic, rows] of Map.groupBy(layout.lanes, ({ lane }) => lane.topic)) {
      const lag = Math.max(...rows.flatMap(lagsOf));
      const rate = frozen ? 0 : Math.max(...rows.map((row) => this.of(row).rate.see(row.lane.end, now)));
      const scale = this.scales.get(topic) ?? new Scale();
      this.scales.set(topic, scale);
      scale.follow(wantedScale({ slots: layout.slots, lag, rate }), now, frozen);
    }
  }

  /** Goes on by `elapsed` milliseconds. @returns whether anything still moves */
  advance(layout: MapLayout, elapsed: number, still: boolean): boolean {
    let moves = false;
    for (const row of layout.lanes) {
      const { lane, readers } = row;
      const moving = this.of(row);
      const near = 0.01 * this.scaleOf(lane.topic);
      // What jumps further than the lane is long does not rush past: it is there at once.
      const far = layout.slots * this.scaleOf(lane.topic);
      const glide = (value: Glide, target: number) => {
        const step = still || Math.abs(target - value.value) > far;
        if (value.toward(target, elapsed, near, step)) moves = true;
      };
      glide(moving.end, row.end);
      for (const group of readers) {
        const place = placeOf(row, group.name);
        const value = moving.committed.get(group.name) ?? new Glide(place);
        moving.committed.set(group.name, value);
        glide(value, place);
      }
    }
    return moves;
  }
}

/** Where a group's triangle belongs. */
function placeOf({ lane, readers }: LaneRow, name: string): number {
  const committed = readers.find((group) => group.name === name)?.partitions[lane.partition]?.committed ?? -1;
  return Math.min(lane.end, committed < 0 ? lane.start : committed);
}

const lagsOf = (row: LaneRow) => [0, ...row.readers.map(({ name }) => row.lane.end - placeOf(row, name))];
