/** Two looks as text, at most 80 columns wide. */
import type { Look } from './look.ts';

/** @param before an earlier look, for the rates */
export function picture(now: Look, before: Look, title: string): string[] {
  const seconds = (now.at - before.at) / 1000;
  /** Nothing is negative: a recreated topic starts anew. */
  const rate = (count: number, earlier: number | undefined) => {
    if (seconds === 0 || earlier === undefined) return '-';
    const perSecond = Math.max(0, count - earlier) / seconds;
    return perSecond.toFixed(perSecond < 1000 ? 1 : 0);
  };
  if (now.topics.length === 0)
    return [title, '', 'This cluster has none of the topics. The services create them when they start.'];
  return [
    title,
    '',
    ...table(
      ['topic', 'partitions', 'end', 'per second'],
      now.topics.map(({ name, partitions, end }) => [
        name,
        String(partitions),
        String(end),
        rate(end, before.topics.find((topic) => topic.name === name)?.end),
      ]),
    ),
    '',
    ...table(
      ['group', 'members', 'lag', 'per second', 'state', 'worst partition'],
      now.groups.map(({ name, members, lag, state, committed }) => [
        name,
        String(members),
        String(sum(lag)),
        rate(committed, before.groups.find((group) => group.name === name)?.committed),
        stateOf(state, sum(lag)),
        furthest(lag),
      ]),
    ),
    '',
    ...table(
      ['dead letters of', 'parked', 'replayed or dropped'],
      now.letters.map(({ reader, parked, settled }) => [reader, String(parked), String(settled)]),
    ),
    '',
    'Lag and rates count offsets: on ride_confirmed, markers of transactions too.',
  ];
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Kafka's own words, except for a group that does not exist. */
function stateOf(state: Look['groups'][number]['state'], lag: number): string {
  const word = { stable: 'stable', rebalancing: 'rebalancing', empty: 'no members', dead: 'no group' }[state];
  return (state === 'empty' || state === 'dead') && lag > 0 ? `${word}!` : word;
}

function furthest(lag: number[]): string {
  const most = Math.max(0, ...lag);
  return most === 0 ? '' : `${lag.indexOf(most)}: ${most}`;
}

/** Columns that hold numbers are aligned to the right. */
function table(head: string[], rows: string[][]): string[] {
  const isNumber = head.map((_, column) => rows.every((row) => /^[\d.-]*$/.test(row[column] ?? '')));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumber[column] && column > 0 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
