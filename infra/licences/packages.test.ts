import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isAllowed, productionPackages } from './packages.ts';

test('only what runs in production counts, each version once, and the project itself does not', () => {
  const packages = {
    '': { license: 'MIT' },
    shared: { version: '1.0.0' },
    'node_modules/@rideflow/shared': { link: true },
    'node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/b/node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/c/node_modules/a': { version: '2.0.0', license: 'ISC' },
    'node_modules/@scope/d': { version: '3.0.0' },
    'node_modules/e': { version: '1.0.0', license: 'GPL-3.0', dev: true },
  };
  expect(productionPackages({ packages })).toEqual([
    { name: '@scope/d', version: '3.0.0', licence: '' },
    { name: 'a', version: '1.0.0', licence: 'MIT' },
    { name: 'a', version: '2.0.0', licence: 'ISC' },
  ]);
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['GPL-2.0-only OR (MIT AND Apache-2.0)', true],
  ['(MIT AND GPL-3.0-only)', false],
  ['(MIT OR GPL-3.0-only) AND AGPL-3.0', false],
  ['(MIT AND GPL-3.0-only) OR ISC', true],
  ['GPL-3.0-only', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['', false],
])('the licence %j is allowed: %j', (expression, expected) => {
  expect(isAllowed(expression)).toBe(expected);
});

test('all that the services run on is under an allowed licence', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  const packages = productionPackages(lock);
  expect(packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['express', 'kafkajs', 'nodemailer']),
  );
  expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});
