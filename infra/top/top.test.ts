import { expect, test } from '@jest/globals';
import type { Look } from './look.ts';
import { readOptions } from './options.ts';
import { picture } from './picture.ts';
import { openScreen } from './screen.ts';

const look = (at: number, end: number, committed: number): Look => ({
  at,
  topics: [
    { name: 'ride_details', partitions: 3, end },
    { name: 'ride_confirmed', partitions: 3, end: 1301 },
  ],
  groups: [
    { name: 'transaction', state: 'stable', members: 1, committed, lag: [0, 0, 0] },
    { name: 'email', state: 'rebalancing', members: 3, committed: 1289, lag: [0, 12, 0] },
    { name: 'analytics', state: 'empty', members: 0, committed: 961, lag: [120, 110, 110] },
  ],
  letters: [
    { reader: 'transaction', parked: 2, settled: 1 },
    { reader: 'email', parked: 0, settled: 0 },
    { reader: 'analytics', parked: 0, settled: 0 },
  ],
});

test('topics, groups and dead letters fit into 80 columns, with rates since the look before', () => {
  const lines = picture(look(3000, 1234, 1234), look(1000, 1135, 1110), 'rideflow');
  expect(lines.join('\n')).toBe(`rideflow

topic           partitions   end  per second
ride_details             3  1234        49.5
ride_confirmed           3  1301         0.0

group        members  lag  per second  state        worst partition
transaction        1    0        62.0  stable
email              3   12         0.0  rebalancing  1: 12
analytics          0  340         0.0  no members!  0: 120

dead letters of  parked  replayed or dropped
transaction           2                    1
email                 0                    0
analytics             0                    0

Lag and rates count offsets: on ride_confirmed, markers of transactions too.`);
  const huge = look(3000, 10 ** 12, 10 ** 12);
  for (const group of huge.groups) group.lag = Array.from({ length: 100 }, () => 10 ** 10);
  for (const line of picture(huge, look(1000, 0, 0), '')) expect(line.length).toBeLessThanOrEqual(80);
});

test('without an earlier look there is no rate, and a recreated topic has none below 0', () => {
  const first = look(1000, 1234, 1234);
  expect(picture(first, first, '')[3]).toMatch(/ride_details +3 +1234 +-$/);
  expect(picture(look(2000, 5, 5), first, '')[3]).toMatch(/ride_details +3 +5 +0\.0$/);
});

test('a cluster without the topics is said to be one', () => {
  const empty = { at: 0, topics: [], groups: [], letters: [] };
  expect(picture(empty, empty, 'rideflow').at(-1)).toMatch(/none of the topics/);
});

test('the screen shows what fits, and leaves the terminal as it was, with the last picture', () => {
  let written = '';
  const screen = openScreen({ columns: 5, rows: 3, write: (text: string) => (written += text) });
  screen.draw(['too long', 'b', 'c', 'd']);
  expect(written).toBe('\x1b[?1049h\x1b[?25l\x1b[Htoo l\x1b[K\r\nb\x1b[K\x1b[J');
  written = '';
  screen.close();
  expect(written).toBe('\x1b[?25h\x1b[?1049l' + 'too long\nb\nc\nd\n');
});

test('wrong options are named with what is accepted', () => {
  expect(readOptions(['--every', '5', '--once'])).toMatchObject({ every: 5000, once: true });
  expect(() => readOptions(['--every', '0'])).toThrow('--every 0: must be a number of seconds from 1 to 60.');
  expect(() => readOptions(['--faster'])).toThrow(/'--faster'.*--help lists what is accepted/);
});
