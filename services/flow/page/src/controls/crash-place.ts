/** A crash point in words. */

/** `after-produce:3` without the number of messages. */
export const withoutCount = (crashPoint: string | null): string => crashPoint?.replace(/:\d+$/, '') ?? '';

const passOf = (crashPoint: string): number => Number(/:(\d+)$/.exec(crashPoint)?.[1] ?? 1);

/** `after-produce, next message`, or `after-produce, message 3`. */
export const nextAt = (crashPoint: string): string =>
  passOf(crashPoint) === 1 ? `${withoutCount(crashPoint)}, next message` : shortNextAt(crashPoint);

/** Where there is little room: `after-produce`, or `after-produce, message 3`. */
export function shortNextAt(crashPoint: string): string {
  const pass = passOf(crashPoint);
  return pass === 1 ? withoutCount(crashPoint) : `${withoutCount(crashPoint)}, message ${pass}`;
}
