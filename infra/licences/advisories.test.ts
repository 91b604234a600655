import { expect, test } from '@jest/globals';
import { readAudit } from './advisories.ts';

test('each advisory is listed with the package that has it, and not again with those that need the package', () => {
  const vulnerabilities = {
    leaky: { severity: 'high', via: [{ title: 'It leaks.' }, { title: 'It hangs.' }] },
    'needs-leaky': { severity: 'high', via: ['leaky'] },
  };
  expect(readAudit(JSON.stringify({ vulnerabilities }))).toEqual([
    { package: 'leaky', severity: 'high', title: 'It leaks.' },
    { package: 'leaky', severity: 'high', title: 'It hangs.' },
  ]);
  expect(readAudit('{"vulnerabilities":{}}')).toEqual([]);
});

test('a registry that offers no advisories is distinguished from one that has none', () => {
  const refused = { message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security' };
  expect(readAudit(JSON.stringify(refused))).toEqual({
    none: 'the registry offers no advisories (405 Method Not Allowed - POST its address)',
  });
  expect(readAudit('')).toEqual({ none: 'npm audit printed no JSON' });
});
