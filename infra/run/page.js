// Builds the page of flow when it is older than its sources.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { modules, root } from './machine.js';

/** Everything but the page works without it, and flow then says what is missing: so this is never a reason to stop. */
export function buildPage(node) {
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
  const { status } = spawnSync(node, [vite, 'build', '--config', config, '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    console.log('The page of flow could not be built, see above; everything else works without it.');
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
