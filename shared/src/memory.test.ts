import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** The room of young objects, in MB, in a process of its own: after a start, given back, and under load again. */
const script = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { giveBackMemory } from ${JSON.stringify(join(import.meta.dirname, 'memory.ts'))};
  const room = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').physical_space_size / 1e6;
  function load() {
    const kept = [];
    for (let n = 0; n < 1_000_000; n++) kept[n % 50_000] = { n, text: 'young ' + n };
  }
  const rooms = [];
  load();
  rooms.push(room());
  giveBackMemory();
  rooms.push(room());
  load();
  rooms.push(room());
  console.log(JSON.stringify(rooms));
`;

test('what young objects took at the start is given back, and there again under load', () => {
  const arguments_ = ['--no-warnings', '--input-type=module', '-e', script];
  const rooms = JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' })) as number[];
  const [started, givenBack, loaded] = rooms as [number, number, number];
  expect(started).toBeGreaterThan(8);
  expect(givenBack).toBeLessThan(2);
  expect(loaded).toBeGreaterThan(8);
});
