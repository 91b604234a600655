/** Dead letters and outcomes as JSON, for `--json` and for the flow page. */
import { formatCoordinates, type RawRecord } from '../reading.ts';
import type { DeadLetter } from './parked.ts';
import type { Outcome } from './settle.ts';

export const asJson = (data: unknown) => `${JSON.stringify(data, null, 2)}\n`;

export const letterJson = ({ coordinates, ...rest }: DeadLetter) => ({
  coordinates: formatCoordinates(coordinates),
  ...rest,
});

export const outcomeJson = ({ letter, outcome, reason }: Outcome) => ({
  coordinates: formatCoordinates(letter.coordinates),
  outcome,
  ...(reason && { reason }),
  resolved: letter.resolved,
});

/** Bytes become `{ text }` if they are UTF-8, and otherwise `{ base64 }`. */
export const shownJson = (letter: DeadLetter, { key, value, headers = {} }: RawRecord) => ({
  ...letterJson(letter),
  key: bytesJson(key),
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(bytesJson) : bytesJson(value),
    ]),
  ),
  value: bytesJson(value),
});

/** `{ text }` if it is UTF-8, otherwise `{ base64 }`. */
export function bytesJson(value: Buffer | string | null | undefined) {
  if (value === null || value === undefined) return null;
  const bytes = Buffer.from(value);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}
