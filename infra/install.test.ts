import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/** Stands in for npm: notes its arguments, and leaves behind what the installation would. */
const npm = `
const fs = require('node:fs');
fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('offline')) process.exit(1);
fs.mkdirSync('node_modules/.bin', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', '{}');
fs.rmSync('node_modules/.bin/node', { force: true });
if (!fs.existsSync('scripts-forbidden')) fs.symlinkSync(process.execPath, 'node_modules/.bin/node');`;

const lock = { packages: { [`node_modules/@swc/core-${process.platform}-${process.arch}`]: {} } };

let root: string;
const file = (name: string) => join(root, name);
const calls = () => (existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').trim().split('\n') : []);
const install = () => {
  const env = { ...process.env, npm_execpath: file('npm-cli.cjs') };
  return spawnSync(process.execPath, [file('infra/install.js')], { env, encoding: 'utf8' });
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rideflow-install-'));
  mkdirSync(file('infra'));
  copyFileSync(join(import.meta.dirname, 'install.js'), file('infra/install.js'));
  writeFileSync(file('npm-cli.cjs'), npm);
  writeFileSync(file('package.json'), '{ "type": "module" }');
  writeFileSync(file('package-lock.json'), JSON.stringify(lock));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a fresh clone is installed once, and the next start is silent', () => {
  expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('Installing') });
  expect(install()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toEqual([expect.stringMatching(/^install --no-save /)]);
});

test('a changed manifest of a service brings the dependencies up to date', () => {
  install();
  mkdirSync(file('services/new'), { recursive: true });
  writeFileSync(file('services/new/package.json'), '{}');
  expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') });
  expect(calls()).toHaveLength(2);
});

test('what the user has installed by hand is left alone', () => {
  spawnSync(process.execPath, [file('npm-cli.cjs'), 'by hand'], { cwd: root });
  expect(install()).toMatchObject({ status: 0, stdout: '' });
  expect(calls()).toEqual(['by hand']);
});

test('a lock file that does not know this platform is not followed', () => {
  writeFileSync(file('package-lock.json'), '{}');
  install();
  expect(calls()[0]).toContain('--no-package-lock');
});

test('a failing npm is an error with hints, and is tried again next time', () => {
  writeFileSync(file('offline'), '');
  expect(install()).toMatchObject({ status: 1, stderr: expect.stringContaining('proxy') });
  rmSync(file('offline'));
  expect(install()).toMatchObject({ status: 0 });
});

test('where npm may not run install scripts, the Node of the machine is used when it is the right one', () => {
  writeFileSync(file('scripts-forbidden'), '');
  expect(install()).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(file('node_modules/.bin/node'))).toBe(false);
});

/** Stands in for Vite: notes that it was asked, and leaves behind what it would build. */
const vite = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'x');
if (existsSync('broken')) process.exit(1);
mkdirSync('services/flow/dist', { recursive: true });
writeFileSync('services/flow/dist/index.html', '');`;
const builds = () => (existsSync(file('builds')) ? readFileSync(file('builds'), 'utf8').length : 0);

function withPage() {
  install();
  mkdirSync(file('services/flow/page'), { recursive: true });
  writeFileSync(file('services/flow/page/vite.config.ts'), '');
  mkdirSync(file('node_modules/vite/bin'), { recursive: true });
  writeFileSync(file('node_modules/vite/bin/vite.js'), vite);
  writeFileSync(file('node_modules/vite/package.json'), '{ "type": "module" }');
}

test('the page of flow is built once, and again when one of its sources has changed', () => {
  withPage();
  expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('Building the page') });
  expect(install()).toMatchObject({ status: 0, stdout: '' });
  const later = new Date(Date.now() + 5000);
  utimesSync(file('services/flow/page/vite.config.ts'), later, later);
  expect(install().stdout).toContain('Building the page');
  expect(builds()).toBe(2);
});

test('a page that cannot be built stops nothing, and is tried again next time', () => {
  withPage();
  writeFileSync(file('broken'), '');
  expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('could not be built') });
  rmSync(file('broken'));
  expect(install().stdout).not.toContain('could not be built');
  expect(existsSync(file('services/flow/dist/index.html'))).toBe(true);
});
