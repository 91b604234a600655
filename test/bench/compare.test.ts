import { expect, test } from '@jest/globals';
import { interleave, ratios, spreadOf } from './compare.ts';
import { compareRow, judged, toMarkdown } from './table.ts';

const side = (name: string, figures: number[], calls: string[]) => ({
  name,
  measure: async () => {
    calls.push(name);
    return figures.shift() as number;
  },
});

test('each side is measured once in each round, and every other round goes the other way', async () => {
  const calls: string[] = [];
  const sides = [side('ours', [1, 2, 3], calls), side('control', [4, 5, 6], calls)];
  expect(await interleave(sides, 3, () => {})).toEqual([
    { name: 'ours', rounds: [1, 2, 3] },
    { name: 'control', rounds: [4, 5, 6] },
  ]);
  expect(calls).toEqual(['ours', 'control', 'control', 'ours', 'ours', 'control']);
});

test('ratios are those of one round, not those of the sums', () => {
  const [ours, control] = [
    { name: 'ours', rounds: [1, 10] },
    { name: 'control', rounds: [2, 5] },
  ];
  expect(ratios(ours, control, (figure) => figure)).toEqual([0.5, 2]);
});

test('the spread is the middle one, or between the middle two, and the ends', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
});

test('a goal is met or not by the middle of the rounds, of the rate or of the processor time', () => {
  const ours = { name: 'ours', rounds: [1, 2, 3].map((rate) => ({ rate: rate * 1000, cpu: 30 })) };
  const control = { name: 'echo', rounds: [1, 2, 4].map((rate) => ({ rate: rate * 1000, cpu: 20 })) };
  expect(compareRow('POST', ours, control, { atLeast: 0.8 })).toMatchObject({
    ours: '2.00 k/s, 30.0 µs',
    ratio: '1.00 (0.75 to 1.00)',
    cpuRatio: '1.50 (1.50 to 1.50)',
    goal: '≥ 0.8',
    met: true,
  });
  expect(compareRow('POST', ours, control, { atMost: 0.5, of: 'cpu' })).toMatchObject({ met: false });
  expect(judged(1)).toEqual({ goal: '', met: null });
  expect(toMarkdown([compareRow('POST', ours, control, { atMost: 0.5, of: 'cpu' })])).toContain(
    '**not met** |',
  );
});
