// npm consumes options that are not after a separate `--`: `npm start --once` starts without `--once`.
import { existsSync, readFileSync } from 'node:fs';

/**
 * The remaining arguments, followed by the options of the script that npm has consumed, as the user must write them. npm
 * passes options on as variables, among many of its own. An option belongs to the script if its source or its options.ts
 * mentions it. npm turns `--rate 50` into `--rate` and an argument.
 */
export function keptByNpm(script, env, args) {
  if (!env.npm_config_user_agent?.startsWith('npm/')) return [];
  const text = [script, script.replace(/\.ts$/, '/options.ts')]
    .filter((file) => file.endsWith('.ts') && existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const left = [...args];
  const kept = Object.entries(env).flatMap(([key, value]) => {
    const name = /^npm_config_([a-z_]+)$/.exec(key)?.[1]?.replaceAll('_', '-');
    if (!name) return [];
    if (value === '') return text.includes(`--no-${name} `) ? [`--no-${name}`] : [];
    const [found, takesValue] = new RegExp(`--${name}(?![\\w-])( [A-Z<])?`).exec(text) ?? [];
    if (!found) return [];
    if (value !== 'true') return [`--${name} ${value}`];
    return [takesValue ? `--${name} ${left.pop() ?? '…'}` : `--${name}`];
  });
  return kept.length > 0 ? [...left, ...kept] : [];
}

/** Prints how to write the command, and ends the process. */
export function refuse(kept, env) {
  const script = env.npm_lifecycle_event;
  const command = ['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`;
  console.error(
    'npm does not pass options on unless they follow a separate "--". Write:\n' +
      `  ${[command, '--', ...kept].join(' ')}`,
  );
  process.exit(2);
}
