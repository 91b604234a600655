import { expect, test } from '@jest/globals';
import { help, readOptions } from './options.ts';

const place = 'ride_confirmed.email.dlq/0/1';

test.each([
  [['list', '--reader', 'mail'], '--reader mail: must be transaction, email, analytics'],
  [['list', '--topic', 'rides'], '--topic rides: must be ride_details'],
  [['list', place], '"list" takes no coordinates'],
  [['list', '--edit'], '"list" does not take --edit'],
  [['drop', place, '--set', 'a=1'], '"drop" does not take --set'],
  [['replay'], 'Give the coordinates'],
  [['replay', '--reader', 'email'], 'add --all'],
  [['replay', '--all', place], 'not both'],
  [['replay', '--all', '--edit'], 'change one dead letter'],
  [['replay', place, '--edit', '--set', 'a=1'], 'Give only one of'],
  [['show'], 'Give the coordinates'],
  [['show', place, place], 'takes the coordinates of one'],
  [['remove'], 'remove: must be list, show, replay, drop'],
  [['list', '--colour'], "Unknown option '--colour'"],
])('%j is rejected with what is accepted', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('without a command it lists; filters and coordinates are taken', () => {
  expect(readOptions([])).toMatchObject({ command: 'list', coordinates: [] });
  expect(readOptions(['replay', '--all', '--reader', 'email'])).toMatchObject({ all: true, reader: 'email' });
  expect(readOptions(['replay', place, '--set', 'a=1', '--set', 'b=2'])).toMatchObject({
    coordinates: [place],
    set: ['a=1', 'b=2'],
  });
});

test('every option is in the help', () => {
  for (const name of [
    'all',
    'reader',
    'topic',
    'set',
    'edit',
    'value-file',
    'as-is',
    'again',
    'resolved',
    'json',
    'brokers',
  ])
    expect(help).toContain(`--${name}`);
  expect(readOptions(['--help', 'anything']).help).toBe(true);
});
