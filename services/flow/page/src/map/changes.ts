/** What has just changed on the lanes, for as long as it is shown moving. Bounded: what nobody can follow is not kept. */
import type { Lane, Mark } from '../../../src/protocol.ts';
import { laneKey } from '../model.ts';

/** Milliseconds that a mark takes to fill, and a dead letter to fall. */
export const fillTime = 320;
export const fallTime = 700;
const most = 60;

export interface Fill {
  from: Mark['state'];
  at: number;
}
export interface Fall {
  lane: Lane;
  offset: number;
  /** Coordinates of the dead letter. */
  to: string;
  at: number;
}

export class Changes {
  /** By `topic/partition/offset`. */
  readonly fills = new Map<string, Fill>();
  falls: Fall[] = [];
  private before = new Map<string, Lane>();

  see(lanes: Lane[], now: number): void {
    for (const lane of lanes) {
      const key = laneKey(lane);
      const old = this.before.get(key);
      if (old === lane) continue;
      this.before.set(key, lane);
      if (old && lane.end >= old.end) this.compare(key, old, lane, now);
    }
    this.forget(now);
  }

  /** @returns whether anything is still shown moving */
  forget(now: number): boolean {
    for (const [key, { at }] of this.fills) if (now - at > fillTime) this.fills.delete(key);
    this.falls = this.falls.filter(({ at }) => now - at <= fallTime);
    return this.fills.size > 0 || this.falls.length > 0;
  }

  private compare(key: string, old: Lane, lane: Lane, now: number): void {
    const known = new Map(old.marks.map((mark) => [mark.offset, mark]));
    for (const mark of lane.marks) {
      const was = known.get(mark.offset);
      if (was === mark) continue;
      if (was && was.state !== mark.state && this.fills.size < most)
        this.fills.set(`${key}/${mark.offset}`, { from: was.state, at: now });
      if (mark.deadLetter && !was?.deadLetter && this.falls.length < most)
        this.falls.push({ lane, offset: mark.offset, to: mark.deadLetter, at: now });
    }
  }
}
