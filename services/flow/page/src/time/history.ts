/** What the page showed in the last minutes. Bounded: in time, and in marks, which take the memory while much is going on. */
import type { Lane, View } from '../../../src/protocol.ts';

export interface Moment {
  /** Milliseconds since 1970. */
  at: number;
  view: View;
}

/** In milliseconds: how long moments are kept, and how long more than one of each second. */
const kept = 300_000;
const dense = 60_000;
const [denseStep, sparseStep] = [250, 1000];
/** About 150 bytes each. */
export const mostMarks = 250_000;

export class History {
  /** Oldest first, a second apart. */
  private sparse: Moment[] = [];
  /** Those of the last minute, oldest first. */
  private fresh: Moment[] = [];
  /** In how many moments a lane is the same. */
  private readonly lanes = new Map<Lane, number>();
  /** Of all lanes that are kept. */
  marks = 0;

  add(moment: Moment): void {
    if (inTheWay(this.fresh, moment, denseStep)) this.drop(this.fresh.pop() as Moment);
    this.fresh.push(moment);
    for (const lane of moment.view.lanes) {
      const times = this.lanes.get(lane) ?? 0;
      if (times === 0) this.marks += lane.marks.length;
      this.lanes.set(lane, times + 1);
    }
    while (this.fresh[0] && moment.at - this.fresh[0].at > dense) this.age(this.fresh.shift() as Moment);
    while (this.first !== moment && (moment.at - (this.first?.at ?? 0) > kept || this.marks > mostMarks))
      this.drop((this.sparse.shift() ?? this.fresh.shift()) as Moment);
  }

  /** What was shown then; before the first moment that is kept, that one. */
  at(time: number): Moment | null {
    const moments = this.fresh[0] && time >= this.fresh[0].at ? this.fresh : this.sparse;
    return moments.findLast(({ at }) => at <= time) ?? this.first;
  }

  get first(): Moment | null {
    return this.sparse[0] ?? this.fresh[0] ?? null;
  }

  clear(): void {
    this.sparse = [];
    this.fresh = [];
    this.lanes.clear();
    this.marks = 0;
  }

  /** Of the moments that are older than a minute, one of each second is enough. */
  private age(moment: Moment): void {
    if (inTheWay(this.sparse, moment, sparseStep)) this.drop(this.sparse.pop() as Moment);
    this.sparse.push(moment);
  }

  private drop({ view }: Moment): void {
    for (const lane of view.lanes) {
      const times = (this.lanes.get(lane) ?? 1) - 1;
      if (times > 0) this.lanes.set(lane, times);
      else {
        this.lanes.delete(lane);
        this.marks -= lane.marks.length;
      }
    }
  }
}

/**
 * Whether the last moment lies too close between its neighbours to be kept. The newest always is: perhaps nothing follows it for
 * a long time, and it is what was so meanwhile.
 */
function inTheWay(moments: Moment[], next: Moment, step: number): boolean {
  const before = moments.at(-2);
  return before !== undefined && next.at - before.at <= step;
}
