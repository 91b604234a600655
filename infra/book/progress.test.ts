import { expect, test } from '@jest/globals';
import { showProgress } from './progress.ts';

function linesFor(total: number): string[] {
  const lines: string[] = [];
  const output = {
    isTTY: false,
    write: (line: string) => lines.push(line) > 0,
  } as unknown as NodeJS.WriteStream;
  const progress = showProgress(total, output);
  for (let i = 0; i < total; i++) progress.step(0);
  progress.stop();
  return lines;
}

test('without a terminal many rides are nine plain lines before the summary, a few rides none', () => {
  expect(linesFor(1000)).toHaveLength(9);
  expect(linesFor(1000)[0]).toBe('100 of 1000 rides answered, 0 refused\n');
  expect(linesFor(12)).toEqual([]);
});
