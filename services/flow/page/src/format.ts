/** Numbers and times as the page writes them. */

const grouped = new Intl.NumberFormat('en', { useGrouping: true });
/** `50 000`: with a thin space, which no language takes for a decimal sign. */
export const count = (n: number) => grouped.format(n).replaceAll(',', '\u202f');

/** `3 s ago`, `2 min ago`. @param milliseconds not below 0 */
export function ago(milliseconds: number): string {
  const text = span(milliseconds);
  return text === '0 s' ? 'just now' : `${text} ago`;
}

/** `45 s`, `2 min`, `3 h`: whole units, rounded down. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

/** `3:07`: minutes and seconds, rounded down, for what counts down. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A length of time in milliseconds: `0.4 ms`, `12 ms`, `1.3 s`, `4 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 9.95 && !Number.isInteger(milliseconds)) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min`;
}

/** `12:03:11` where the reader is. */
export const clock = (at: number) => new Date(at).toLocaleTimeString('en-GB');

/** `7f3a` of a long id, the whole of a short one: enough to tell two apart at a glance. */
export const shortId = (id: string) => (id.length > 12 ? id.slice(-4) : id);

/** `1 message`, `2 messages`. */
export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: (string | number)[]) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
