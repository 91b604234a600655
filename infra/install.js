// Installs the dependencies when they are missing or out of date, sees to it that scripts get Node 24, and builds the page
// of flow when it is older than its sources. Run by npm before `start` and `test`, by whatever Node the machine has (18 or newer): hence plain JavaScript. Silent when there
// is nothing to do.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const node = join(modules, '.bin', 'node');
const stamp = join(modules, '.rideflow-installed');
const wantedNode = 24;

/** Everything that decides what belongs into node_modules. */
function manifests() {
  const services = join(root, 'services');
  const folders = existsSync(services) ? readdirSync(services).map((name) => join('services', name)) : [];
  return ['package-lock.json', ...['.', 'shared', ...folders].map((folder) => join(folder, 'package.json'))]
    .map((file) => join(root, file))
    .filter((file) => existsSync(file));
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of manifests()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** True when our own installation or a later one by hand fits the manifests. */
function isInstalled() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) return true;
  const byNpm = join(modules, '.package-lock.json'); // npm writes it last
  if (!existsSync(byNpm)) return false;
  const installed = statSync(byNpm).mtimeMs;
  return manifests().every((file) => statSync(file).mtimeMs <= installed);
}

/**
 * npm installs nothing for a platform that the lock file does not know, and the tools would lack their native half. Then
 * the versions are resolved anew.
 */
function lockFits() {
  const lock = join(root, 'package-lock.json');
  const platform = new RegExp(`"node_modules/[^"]*-${process.platform}-${process.arch}[-"]`);
  return existsSync(lock) && platform.test(readFileSync(lock, 'utf8'));
}

/** Runs npm in the project; its exit code. Inside an npm script the same npm is used again. */
function npm(args) {
  const own = process.env.npm_execpath;
  const known = own && /^npm(-cli)?\.(c?js)$/.test(basename(own));
  const options = { cwd: root, stdio: 'inherit', shell: !known && process.platform === 'win32' };
  const all = [...args, '--no-audit', '--no-fund', '--loglevel=error'];
  const result = known ? spawnSync(process.execPath, [own, ...all], options) : spawnSync('npm', all, options);
  return result.status ?? 1;
}

function install() {
  const fresh = !existsSync(modules);
  console.log(
    fresh
      ? 'Installing the dependencies with npm: once, for about a minute.'
      : 'Bringing the dependencies up to date with npm, because package.json or package-lock.json has changed.',
  );
  // Not `npm ci`, which refuses a package.json that was changed by hand, for example for a new service.
  const lock = lockFits() ? [] : ['--no-package-lock'];
  if (npm(['install', '--no-save', ...lock]) === 0) return;
  fail(
    'npm could not install the dependencies; its message is above.\n' +
      '  No network, or a proxy?   npm config set proxy http://host:port, or set HTTPS_PROXY\n' +
      '  Another registry?         npm config set registry https://...\n' +
      '  A damaged installation?   delete the folder node_modules and try again',
  );
}

/** The major version of an executable, 0 when it does not run. */
function majorOf(executable) {
  try {
    return Number(/^v(\d+)\./.exec(execFileSync(executable, ['--version'], { encoding: 'utf8' }))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The scripts find Node 24 as node_modules/.bin/node. It is fetched by an install script, which a user may have forbidden. */
function ensureNode() {
  if (existsSync(node) && realpathSync(node) === realpathSync(process.execPath)) return;
  if (majorOf(node) === wantedNode) return;
  const own = Number(process.versions.node.split('.')[0]);
  if (own === wantedNode) return rmSync(node, { force: true }); // what does not run must not hide the machine's own
  const folder = join(modules, 'node');
  if (existsSync(folder)) {
    console.log(`Fetching Node ${wantedNode}, which npm left out.`);
    spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: folder, stdio: 'inherit' });
    // npm makes no link to a program that was not there when it installed.
    rmSync(node, { force: true });
    symlinkSync(join('..', 'node', 'bin', 'node'), node);
    if (majorOf(node) === wantedNode) return;
  }
  if (own < wantedNode) {
    fail(
      `The project runs on Node ${wantedNode}, which could not be fetched, and this machine has ${process.version}.\n` +
        `  Allow install scripts:  npm config delete ignore-scripts, delete the folder node_modules and try again\n` +
        `  Or install Node ${wantedNode} yourself: https://nodejs.org`,
    );
  }
  rmSync(node, { force: true });
  console.log(
    `Node ${wantedNode} could not be fetched; this machine's own ${process.version} is used instead.`,
  );
}

/** When the newest file below these places was changed, in milliseconds since 1970. */
function newest(...places) {
  return Math.max(
    0,
    ...places.filter(existsSync).map((place) => {
      const { mtimeMs } = statSync(place);
      if (!statSync(place).isDirectory()) return mtimeMs;
      return newest(...readdirSync(place).map((name) => join(place, name)));
    }),
  );
}

/** Everything but the page works without it, and flow then says what is missing: so this is never a reason to stop. */
function buildPage() {
  const flow = join(root, 'services', 'flow');
  const built = join(flow, 'dist', 'index.html');
  const config = join(flow, 'page', 'vite.config.ts');
  if (!existsSync(config)) return;
  const sources = newest(
    join(flow, 'page'),
    join(root, 'shared', 'src', 'page'),
    join(modules, 'vite', 'package.json'),
  );
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return;
  console.log('Building the page of flow: some seconds, and only when it has changed.');
  const vite = join(modules, 'vite', 'bin', 'vite.js');
  const { status } = spawnSync(
    existsSync(node) ? node : process.execPath,
    [vite, 'build', '--config', config, '--logLevel', 'error'],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0)
    console.log('The page of flow could not be built, see above; everything else works without it.');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (!isInstalled()) install();
ensureNode();
const current = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== current) writeFileSync(stamp, current);
buildPage();
