// Builds the flow page when it is older than its sources.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { modules, root } from './machine.js';

const flow = join(root, 'services', 'flow');
const built = join(flow, 'dist', 'index.html');
const config = join(flow, 'page', 'vite.config.ts');

/** Whether the page is newer than its sources, or there are no sources. */
export function isPageBuilt() {
  if (!existsSync(config)) return true;
  const sources = newest(
    join(flow, 'page'),
    join(root, 'shared', 'src', 'page'),
    join(modules, 'vite', 'package.json'),
  );
  return existsSync(built) && statSync(built).mtimeMs >= sources;
}

/** A failure never stops the start: everything except the page works without it, and flow reports what is missing. */
export function buildPage(node) {
  if (isPageBuilt()) return;
  console.log('Building the flow page (some seconds, only when it has changed).');
  const vite = join(modules, 'vite', 'bin', 'vite.js');
  const { status } = spawnSync(node, [vite, 'build', '--config', config, '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    console.log('The flow page could not be built; see the message above. Everything else works without it.');
}

/** The time of the last change below these paths, in milliseconds since 1970. */
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
