/** `npm run kubernetes`: writes the manifests in infra/kubernetes from the topology, the permissions and the configuration. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { manifests } from './kubernetes/files.ts';

const folder = join(import.meta.dirname, 'kubernetes');
const help = `npm run kubernetes              writes the manifests in infra/kubernetes
npm run kubernetes -- --check   only says which of them are stale, and then exits with 1

  --help  shows this text

They follow from shared/src/topology.ts, infra/acls/derive.ts, the settings of each service and infra/kubernetes/plan.ts, which has
the numbers that one changes. See infra/kubernetes/README.md.
`;

/** The files that differ from what would be written, or that nothing writes any more; paths below infra/kubernetes. */
export function stale(wanted = manifests()): string[] {
  const there = globSync('{base,overlays,components}/**/*.yaml', { cwd: folder }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  return [...new Set([...wanted.keys(), ...there])]
    .filter((path) => !there.includes(path) || readFileSync(join(folder, path), 'utf8') !== wanted.get(path))
    .sort();
}

function main(): void {
  const options = {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { check, help: wantsHelp } = parseArgs({ options, strict: true }).values;
  if (wantsHelp) return void process.stdout.write(help);
  const wanted = manifests();
  const changed = stale(wanted);
  if (check) {
    for (const path of changed) console.error(`infra/kubernetes/${path} is stale.`);
    if (changed.length > 0) {
      console.error('Write them with: npm run kubernetes');
      process.exitCode = 1;
    } else console.log('All manifests are as the code wants them.');
    return;
  }
  for (const path of changed) {
    const file = join(folder, path);
    const text = wanted.get(path);
    if (text === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    console.log(`${text === undefined ? 'removed' : 'wrote'}  infra/kubernetes/${path}`);
  }
  if (changed.length === 0) console.log('All manifests are as the code wants them.');
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    console.error(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
    process.exitCode = 1;
  }
}
