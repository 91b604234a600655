// Paths of the project, and the Node and npm of this machine.
import { execFileSync } from 'node:child_process';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const modules = join(root, 'node_modules');
/** Compiled code between starts. The folder belongs to the user, because code that somebody else put there would run. */
export const compileCache = join(root, '.rideflow/compile-cache');

const isOurs = (path) => resolve(path).startsWith(modules + sep);

/**
 * The environment for npm and its children. The PATH is without our node_modules, because npm deletes that folder, with the
 * Node in it, while it works.
 */
export function machineEnv() {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (process.env[name] ?? '').split(delimiter).filter((folder) => !isOurs(folder));
  return { ...process.env, [name]: folders.join(delimiter) };
}

/** The machine's own Node, which does not depend on node_modules. */
export const machineNode = () => (isOurs(process.execPath) ? 'node' : process.execPath);

/** The major version of a Node; 0 when it does not run. */
export function majorOf(executable) {
  try {
    const version = execFileSync(executable, ['--version'], { encoding: 'utf8', env: machineEnv() });
    return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Ends the process with a message. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
