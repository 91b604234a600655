import { expect, test } from '@jest/globals';
import { readOptions } from './options.ts';

test('a count alone is enough', () => {
  expect(readOptions(['--random', '10'])).toEqual({
    help: false,
    source: { random: 10 },
    seed: '1',
    rate: 50,
    concurrency: 64,
    url: 'http://localhost:4000',
    patience: 30_000,
  });
});

test.each([
  [[], 'Choose the rides: --file <path> or --random <count>'],
  [['--random', '1', '--file', 'x'], 'not both'],
  [['--random', 'many'], '--random many: must be a whole number from 1 to 1000000'],
  [['--random', '0'], '--random 0: must be a whole number from 1 to 1000000'],
  [['--random', '1', '--rate', '0'], '--rate 0: must be a number from 0.1 to 10000'],
  [
    ['--random', '1', '--url', 'localhost:4000'],
    '--url localhost:4000: must be an address such as http://localhost:4000',
  ],
  [['--random', '1', '--speed', '5'], "Unknown option '--speed'. --help lists what is accepted"],
  [['rides.json'], "Unexpected argument 'rides.json'"],
])('%j is rejected with what is accepted', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
