// Installs the dependencies when they are missing or out of date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, machineEnv, machineNode, modules, root } from './machine.js';

const lockFile = join(root, 'package-lock.json');
const hiddenLock = join(modules, '.package-lock.json'); // what is there; npm writes it last
const stamp = join(modules, '.rideflow-installed');

/**
 * These win over a user's .npmrc and environment: whatever leaves something out, such as NODE_ENV=production, or installs it
 * elsewhere. Install scripts are not needed, and fail on machines that have no compiler.
 */
const whole = [
  ...['dev', 'optional', 'peer'].map((kind) => `--include=${kind}`),
  ...['package-lock', 'bin-links', 'ignore-scripts'].map((name) => `--${name}`),
  ...['dry-run', 'global', 'package-lock-only', 'engine-strict', 'legacy-peer-deps', 'force'].map(
    (name) => `--no-${name}`,
  ),
  ...['--location=project', '--install-strategy=hoisted', '--no-audit', '--no-fund', '--loglevel=error'],
];

/** Brings node_modules up to what the manifests say. Silent when there is nothing to do; ends the process when it cannot. */
export function install() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const fits = npm('ci', ['--dry-run'], 'ignore'); // whether the lock file has all that a package.json asks for
  if (!fits || missingPackages().length > 0) run(fits);
  writeFileSync(stamp, wanted);
}

/** Everything that decides what belongs into node_modules. */
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
      ? 'Bringing the dependencies up to date with npm, because what is installed is not what the project needs.'
      : 'Installing the dependencies with npm: once, for about a minute.',
  );
  if (!lockFits) {
    console.log(
      'package-lock.json does not know all that a package.json asks for, for example of a new service: the rest is\n' +
        'installed in its newest version. "npm install" adds it to package-lock.json.',
    );
  }
  if (!npm(...(lockFits ? ['ci', []] : ['install', ['--no-save']]))) {
    fail(
      'npm could not install the dependencies; its message is above.\n' +
        '  No network, or a proxy?   npm config set proxy http://host:port, or set HTTPS_PROXY\n' +
        '  Another registry?         npm config set registry https://...\n' +
        '  A damaged installation?   delete the folder node_modules and try again',
    );
  }
  const missing = lockFits ? missingPackages() : [];
  if (missing.length > 0) {
    fail(
      `npm left out ${missing.length} of the packages, for example ${missing[0]}.\n` +
        '  Try again; if it stays so, see what "npm config list" says of omit, include, os, cpu and libc.',
    );
  }
}

/** Runs npm in the project; true when it did what it should. Inside an npm script the same npm is used again. */
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
 * Of the packages in the lock file those that belong here and are not here, or in another version. Optional ones count when they
 * are of this platform.
 */
function missingPackages() {
  const { packages: locked = {} } = JSON.parse(readFileSync(lockFile, 'utf8'));
  const { packages: present = {} } = existsSync(hiddenLock)
    ? JSON.parse(readFileSync(hiddenLock, 'utf8'))
    : {};
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
      !(path in present && present[path].version === locked[path].version),
  );
}

/** A list may also name what it does not accept, by a `!` in front. */
const accepts = (list, value) =>
  !list || list.includes(value) || (list.every((one) => one.startsWith('!')) && !list.includes(`!${value}`));

function libcFits(accepted) {
  if (!accepted || process.platform !== 'linux') return true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return accepted.includes(glibcVersionRuntime ? 'glibc' : 'musl');
}
