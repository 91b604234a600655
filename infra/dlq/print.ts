/** Dead letters and outcomes as text. */

import type { DeadLetter } from '@rideflow/shared/dead-letters/parked.ts';
import type { Outcome } from '@rideflow/shared/dead-letters/settle.ts';
import { formatCoordinates, type RawRecord } from '@rideflow/shared/reading.ts';
import { hexdump, textIn } from './bytes.ts';

/** @param resolved whether the list includes replayed and dropped ones */
export function listText(letters: DeadLetter[], resolved: boolean): string {
  const parked = letters.filter((letter) => !letter.resolved);
  const lines = letters.flatMap((letter) => [...paragraph(letter), '']);
  const perReader = Map.groupBy(parked, ({ reader }) => reader);
  const counts = [...perReader].map(([reader, theirs]) => `${theirs.length} of ${reader}`).join(', ');
  const total =
    parked.length === 0 ? 'There are no dead letters.' : `${deadLetters(parked.length)} parked: ${counts}.`;
  const settled = letters.length - parked.length;
  const rest = resolved && settled > 0 ? ` ${settled} more replayed or dropped.` : '';
  return `${[...lines, total + rest].join('\n')}\n`;
}

function paragraph(letter: DeadLetter): string[] {
  const { reason, from, parkedAt, resolved } = letter;
  return [
    formatCoordinates(letter.coordinates),
    `  ${letter.reader}, from ${from ?? 'unknown coordinates'}, ${sizeText(letter)}, parked at ${parkedAt}`,
    `  ${printable(reason)}`,
    ...(resolved ? [`  ${settledText(letter)}`] : []),
  ];
}

const sizeText = ({ bytes, truncated }: DeadLetter) =>
  bytes === null ? 'no value' : `${bytes} bytes${truncated ? ' (only the beginning is kept)' : ''}`;

/** `replayed at 2026-01-01T12:00:00.000Z as ride_details/0/17` */
export function settledText({ resolved }: DeadLetter): string {
  if (!resolved) return 'parked';
  const { by, at, as } = resolved;
  return by === 'drop' ? `dropped at ${at}` : `replayed at ${at}${as ? ` as ${as}` : ''}`;
}

export function showText(letter: DeadLetter, record: RawRecord): string {
  const headers = Object.entries(record.headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, valueText(one)] as const),
  );
  const width = Math.max(0, ...headers.map(([name]) => name.length));
  return [
    ...paragraph(letter),
    ...(letter.truncated ? [`  Incomplete: ${printable(letter.truncated)}.`] : []),
    '',
    `key      ${record.key ? valueText(record.key) : '(none)'}`,
    'headers',
    ...headers.map(([name, text]) => `  ${printable(name).padEnd(width)}  ${text}`),
    `value    ${sizeText(letter)}`,
    ...bodyLines(record.value),
    '',
  ].join('\n');
}

function bodyLines(value: Buffer | null): string[] {
  if (value === null || value.length === 0) return [];
  const text = textIn(value);
  if (text !== null) return [text];
  return ['  not text, so in hexadecimal:', ...hexdump(value)];
}

function valueText(value: Buffer | string | undefined): string {
  if (value === undefined || value === null) return '(null)';
  const bytes = Buffer.from(value);
  return textIn(bytes)?.replaceAll('\n', '\\n') ?? `${bytes.toString('hex')} (hexadecimal)`;
}

/** One line, without control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is about control characters
const printable = (text: string) => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');

/** One line for one outcome. */
export function outcomeText({ letter, outcome, reason }: Outcome): string {
  const place = formatCoordinates(letter.coordinates);
  if (outcome === 'refused') return `${place} was not changed: ${printable(reason)}`;
  return `${place} ${outcome === 'already' ? 'was already ' : ''}${settledText(letter)}`;
}

/** @param by the command */
export function summaryText(outcomes: Outcome[], by: 'replay' | 'drop'): string {
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const parts = [`${deadLetters(count('done'))} ${by === 'drop' ? 'dropped' : 'replayed'}`];
  if (count('already')) parts.push(`${count('already')} already replayed or dropped`);
  if (count('refused')) parts.push(`${count('refused')} not changed`);
  const hint = by === 'replay' && count('already') ? ' Use --again to replay them again.' : '';
  return `${parts.join(', ')}.${hint}\n`;
}

const deadLetters = (count: number) => `${count} dead ${count === 1 ? 'letter' : 'letters'}`;
