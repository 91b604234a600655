/**
 * Runs every script of package.json: `node infra/run.js [Node options] file [arguments]`. Installs what is missing or out of
 * date, and then runs the file under Node 24. Without a file it only installs. This is plain JavaScript, because the Node of
 * the machine starts it (18 or newer).
 */
import { resolve } from 'node:path';
import { keptByNpm, refuse } from './run/forgotten.js';
import { handOver } from './run/hand-over.js';
import { helpOf } from './run/help.js';
import { install, isInstalled } from './run/install.js';
import { fail, root } from './run/machine.js';
import { nodeOptionsOf } from './run/node-options.js';
import { node24, readyNode } from './run/node24.js';
import { buildPage, isPageBuilt } from './run/page.js';
import { problemWith } from './run/place.js';
import { takeTurn } from './run/turn.js';

const args = process.argv.slice(2);
const at = args.findIndex((arg) => !arg.startsWith('-'));
const options = at < 0 ? args : args.slice(0, at);
const script = at < 0 ? null : resolve(root, args[at]);
const rest = at < 0 ? [] : args.slice(at + 1);
if (rest[0] === '--') rest.shift(); // pnpm passes it on

const problem = problemWith(root, script);
if (problem) fail(problem);

const kept = script ? keptByNpm(script, process.env, rest) : [];
if (kept.length > 0) refuse(kept, process.env);

let node = isInstalled() && isPageBuilt() ? readyNode() : null;
if (!node) {
  const help = script && helpOf(script, rest);
  if (help) {
    console.log(help);
    process.exit(0);
  }
  const release = takeTurn();
  install();
  node = node24();
  buildPage(node);
  release();
}
if (script) {
  const service = /services[\\/]([\w-]+)[\\/]src[\\/]main\.ts$/.exec(script)?.[1];
  handOver(node, [...options, ...(service ? nodeOptionsOf(service) : []), script, ...rest]);
}
