import { expect, test } from '@jest/globals';
import { freePorts } from './ports.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('those who look for free ports at the same time get different ones', async () => {
  const found = (await Promise.all(Array.from({ length: 10 }, () => freePorts(50)))).flat();
  expect(new Set(found).size).toBe(500);
});
