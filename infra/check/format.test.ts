import { expect, test } from '@jest/globals';
import { conserve } from './conserve.ts';
import { cleanFacts } from './fixtures.ts';
import { format } from './format.ts';

test('a clean report is a table and one sentence', () => {
  expect(format(conserve(cleanFacts()))).toBe(`\
  rides accepted        30
  = confirmed           27
  + rejected             3
  + dead-lettered        0
  + in flight            0
  + lost                 0
  decided twice          0
  out of order           0
  mails                 30
  mails missing          0
  counted by analytics  30

Nothing is lost, nothing happened twice, everything is in order.`);
});

test('of many violations the first twenty are listed and all are counted', () => {
  const facts = { ...cleanFacts(100), decisions: [], mails: null, statistics: null };
  const lines = format(conserve(facts)).split('\n');
  expect(lines).toContain('The mails were not checked.');
  expect(lines).toContain('100 violations: lost 100');
  expect(lines.filter((line) => line.startsWith('  lost: The ride ride-'))).toHaveLength(20);
  expect(lines.at(-1)).toBe('  and 80 more');
});
