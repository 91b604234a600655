/** Files that follow from the code: a command writes them, and a test fails when they are stale. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Generated {
  /** The folder below infra. All paths are below it. */
  folder: string;
  /** Patterns of the files that the command owns: it removes those that nothing writes any more. */
  own: string[];
  /** The text of each file. */
  files: () => Map<string, string>;
}

/** The files that differ from what would be written, or that nothing writes any more. */
export function stale({ folder, own, files }: Generated, wanted = files()): string[] {
  const cwd = join(import.meta.dirname, folder);
  const there = globSync(own, { cwd }).map((path) => path.replaceAll('\\', '/'));
  return [...new Set([...wanted.keys(), ...there])]
    .filter((path) => !there.includes(path) || readFileSync(join(cwd, path), 'utf8') !== wanted.get(path))
    .sort();
}

/**
 * Runs the command with `--check` and `--help`. Sets the exit code to 1 for stale files and wrong options.
 * @param command how to call it, `npm run kubernetes`
 */
export function writeOrCheck(command: string, help: string, generated: Generated): void {
  try {
    run(command, help, generated);
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    console.error(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
    process.exitCode = 1;
  }
}

function run(command: string, help: string, generated: Generated): void {
  const options = {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { check, help: wantsHelp } = parseArgs({ options, strict: true }).values;
  if (wantsHelp) return void process.stdout.write(help);
  const wanted = generated.files();
  const changed = stale(generated, wanted);
  if (changed.length === 0) console.log('All files are as the code wants them.');
  if (check && changed.length > 0) {
    for (const path of changed) console.error(`infra/${generated.folder}/${path} is stale.`);
    console.error(`Write them with: ${command}`);
    process.exitCode = 1;
    return;
  }
  for (const path of changed) {
    const file = join(import.meta.dirname, generated.folder, path);
    const text = wanted.get(path);
    if (text === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    console.log(`${text === undefined ? 'removed' : 'wrote'}  infra/${generated.folder}/${path}`);
  }
}
