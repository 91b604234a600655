/** Which offsets are under a point, and where an offset is. */
import type { LaneRow, MapLayout } from './layout.ts';

/** Middle of the marks of a lane: above the customers, where there is room for them. */
export const yOf = ({ named, unit }: MapLayout, { y, height }: LaneRow): number =>
  y + height / 2 - (named ? 4 * unit : 0);

/** Middle of the slot of an offset. @param end the lane's right end, which may be between two offsets while it glides */
export function xOf({ right, slot }: MapLayout, end: number, n: number, offset: number): number {
  return right - 4 - (end / n - Math.floor(offset / n) - 0.5) * slot;
}

/** Border before an offset: where a reader's triangle stands. */
export function xBefore({ right, slot }: MapLayout, end: number, n: number, offset: number): number {
  return right - 4 - ((end - offset) / n) * slot;
}

/** First offset of the slot at `x`, or null beyond the lane's ends. */
export function offsetAt(layout: MapLayout, end: number, n: number, x: number): number | null {
  const slot = Math.floor(end / n - (layout.right - 4 - x) / layout.slot);
  const offset = slot * n;
  return x < layout.left || x > layout.right || offset >= end || offset < 0 ? null : offset;
}
