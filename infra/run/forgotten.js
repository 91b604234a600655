// npm keeps options for itself unless they stand behind a lone `--`: `npm start --once` starts without `--once`.
import { existsSync, readFileSync } from 'node:fs';

/**
 * The options of the script that npm has kept, as they are to be written; behind what is left of the arguments.
 * npm hands them on as variables, among many of its own: an option is the script's when its source, or its options.ts, speaks
 * of it. It makes of `--rate 50` a `--rate` and an argument.
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

/** Says how the command is to be written, and ends the process. */
export function refuse(kept, env) {
  const script = env.npm_lifecycle_event;
  const command = ['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`;
  console.error(
    'npm keeps options for itself unless they stand behind a lone "--". Write:\n' +
      `  ${[command, '--', ...kept].join(' ')}`,
  );
  process.exit(2);
}
