import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** A clone in which nothing is installed yet. */
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'rideflow-lock-'));
  const manifests = globSync(['package.json', 'package-lock.json', '{shared,services/*}/package.json'], {
    cwd: root,
  });
  for (const file of manifests) cpSync(join(root, file), join(clone, file));
});
afterAll(() => rmSync(clone, { recursive: true }));

/** What npm would install from the lock file on another machine. */
function packagesFor(...machine: string[]) {
  const args = ['ci', '--dry-run', '--include=dev', '--include=optional', '--ignore-scripts', ...machine];
  const output = execFileSync('npm', args, {
    cwd: clone,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return [...output.matchAll(/^add (\S+)/gm)].map(([, name]) => name);
}

test.each([
  ['darwin', 'arm64', '', 'darwin-arm64', 'darwin-arm64'],
  ['win32', 'x64', '', 'win32-x64-msvc', 'win32-x64'],
  ['linux', 'x64', 'glibc', 'linux-x64-gnu', 'linux-x64'],
  ['linux', 'arm64', 'glibc', 'linux-arm64-gnu', 'linux-arm64'],
  ['linux', 'arm64', 'musl', 'linux-arm64-musl', 'linux-arm64-musl'],
])('npm ci on %s %s %s installs the native half of every tool', (os, cpu, libc, name, shortName) => {
  const packages = packagesFor('--os', os, '--cpu', cpu, ...(libc ? ['--libc', libc] : []));
  const native = packages.filter((one) =>
    /swc\/core-|biomejs\/cli-|rolldown\/binding-|unrs\/.*-binding-/.test(one ?? ''),
  );
  expect(native.sort()).toEqual([
    `@biomejs/cli-${shortName}`,
    `@rolldown/binding-${name}`,
    `@swc/core-${name}`,
    `@unrs/resolver-binding-${name}`,
  ]);
});

test('the lock file names no registry: each machine takes its own', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const places = Object.values(packages as Record<string, { resolved?: string }>).map(
    ({ resolved }) => resolved,
  );
  expect(places.filter((place) => place?.includes('//'))).toEqual([]);
});
