// Installs the dependencies when they are missing or out of date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, machineEnv, machineNode, modules, root } from './machine.js';

const lockFile = join(root, 'package-lock.json');
const hiddenLock = join(modules, '.package-lock.json'); // the installed packages; npm writes it last
const stamp = join(modules, '.rideflow-installed');

/**
 * These override a user's .npmrc and environment, such as NODE_ENV=production, which would leave packages out or install them
 * elsewhere. Install scripts are not needed, and they fail on machines without a compiler.
 */
const whole = [
  ...['dev', 'optional', 'peer'].map((kind) => `--include=${kind}`),
  ...['package-lock', 'bin-links', 'ignore-scripts'].map((name) => `--${name}`),
  ...['dry-run', 'global', 'package-lock-only', 'engine-strict', 'legacy-peer-deps', 'force'].map(
    (name) => `--no-${name}`,
  ),
  ...['--location=project', '--install-strategy=hoisted', '--no-audit', '--no-fund', '--loglevel=error'],
];

/** Whether node_modules matches the manifests, and nobody has removed a package from it. */
export function isInstalled() {
  return (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === fingerprint() &&
    existsSync(hiddenLock) &&
    Object.keys(presentPackages()).every(isThere)
  );
}

/** Updates node_modules to match the manifests. Silent when there is nothing to do. Ends the process when it fails. */
export function install() {
  if (isInstalled()) return;
  const wanted = fingerprint();
  const fits = npm('ci', ['--dry-run'], 'ignore'); // whether the lock file covers every package.json
  if (!fits || missingPackages().length > 0) run(fits);
  writeFileSync(stamp, wanted);
}

/** The files that define the content of node_modules. */
function manifests() {
  const services = join(root, 'services');
  const folders = existsSync(services) ? readdirSync(services).map((name) => join('services', name)) : [];
  return [
    lockFile,
    ...['.', 'shared', ...folders].map((folder) => join(root, folder, 'package.json')),
  ].filter((file) => existsSync(file));
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of manifests()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function run(lockFits) {
  console.log(
    existsSync(modules)
      ? 'Updating the dependencies with npm, because the installed ones do not match the project.'
      : 'Installing the dependencies with npm (about a minute, only the first time).',
  );
  if (!lockFits) {
    console.log(
      'package-lock.json does not cover every package.json, for example that of a new service. The newest version of the\n' +
        'missing packages is installed. "npm install" adds them to package-lock.json.',
    );
  }
  // An installation that is interrupted must not look complete.
  rmSync(stamp, { force: true });
  if (lockFits) rmSync(hiddenLock, { force: true });
  if (!npm(...(lockFits ? ['ci', []] : ['install', ['--no-save']]))) {
    fail(
      'npm could not install the dependencies. Its message is above.\n' +
        '  No network, or a proxy?   npm config set proxy http://host:port, or set HTTPS_PROXY\n' +
        '  Another registry?         npm config set registry https://...\n' +
        '  A damaged installation?   delete the folder node_modules and try again',
    );
  }
  const missing = lockFits ? missingPackages() : [];
  if (missing.length > 0) {
    fail(
      `npm did not install ${missing.length} of the packages, for example ${missing[0]}.\n` +
        '  Try again. If it happens again, check omit, include, os, cpu and libc in "npm config list".',
    );
  }
}

/** Runs npm in the project. Returns true on success. Inside an npm script it uses the same npm. */
function npm(command, options, stdio = 'inherit') {
  const own = process.env.npm_execpath;
  const known = own && /^npm(-cli)?\.(c?js)$/.test(basename(own));
  const settings = { cwd: root, stdio, env: machineEnv(), shell: !known && process.platform === 'win32' };
  const args = [command, ...whole, ...options];
  const result = known
    ? spawnSync(machineNode(), [own, ...args], settings)
    : spawnSync('npm', args, settings);
  return result.status === 0;
}

/**
 * The packages of the lock file that are missing, removed, or installed in another version. Optional packages count if they are for
 * this platform.
 */
function missingPackages() {
  const { packages: locked = {} } = JSON.parse(readFileSync(lockFile, 'utf8'));
  const present = presentPackages();
  const belongsHere = ({ optional, os, cpu, libc, hasInstallScript }) =>
    !optional ||
    ((os || cpu) &&
      !hasInstallScript &&
      accepts(os, process.platform) &&
      accepts(cpu, process.arch) &&
      libcFits(libc));
  return Object.keys(locked).filter(
    (path) =>
      path.includes('node_modules/') &&
      belongsHere(locked[path]) &&
      !(path in present && present[path].version === locked[path].version && isThere(path)),
  );
}

/** What npm has installed, by its own account. */
function presentPackages() {
  return existsSync(hiddenLock) ? (JSON.parse(readFileSync(hiddenLock, 'utf8')).packages ?? {}) : {};
}

const isThere = (path) => !path.includes('node_modules/') || existsSync(join(root, path, 'package.json'));

/** A list can exclude a value with a leading `!`. */
const accepts = (list, value) =>
  !list || list.includes(value) || (list.every((one) => one.startsWith('!')) && !list.includes(`!${value}`));

function libcFits(accepted) {
  if (!accepted || process.platform !== 'linux') return true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return accepted.includes(glibcVersionRuntime ? 'glibc' : 'musl');
}
