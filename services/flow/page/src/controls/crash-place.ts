/** A crash point in words. */

/** `after-produce:3` without the number of messages. */
export const withoutCount = (crashPoint: string | null): string => crashPoint?.replace(/:\d+$/, '') ?? '';

/** `after-produce`, or `after-produce, message 3`: the next message is said by nothing. */
export const shortNextAt = (crashPoint: string): string => nextAt(crashPoint).replace(', next message', '');

/** `after-produce, next message`, or `after-produce, message 3`. */
export function nextAt(crashPoint: string): string {
  const pass = Number(/:(\d+)$/.exec(crashPoint)?.[1] ?? 1);
  return `${withoutCount(crashPoint)}, ${pass === 1 ? 'next message' : `message ${pass}`}`;
}
