// Shows a script's help where the script itself cannot run yet.
import { existsSync, readFileSync } from 'node:fs';

/** The help text in the script's source or its options.ts, if the arguments ask for it and it is plain text; otherwise null. */
export function helpOf(script, args) {
  if (!args.includes('--help')) return null;
  for (const file of [script, script.replace(/\.ts$/, '/options.ts')]) {
    const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const text = /const (?:help|usage) = `([^`$\\]*)`/.exec(source)?.[1];
    if (text) return text.trimEnd();
  }
  return null;
}
