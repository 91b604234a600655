/** The packages that the services need, and whether their licences are compatible with the project's licence. */

/** Licences (SPDX) that only require to keep their notice. */
export const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]);

export interface Package {
  name: string;
  version: string;
  /** An SPDX expression; empty if the package has none. */
  licence: string;
}

interface Lock {
  packages: Record<
    string,
    { version?: string; license?: string; dev?: boolean; devOptional?: boolean; link?: boolean }
  >;
}

/** The production packages of a lock file, without the project's own. */
export function productionPackages(lock: Lock): Package[] {
  const found = new Map<string, Package>();
  for (const [path, { version = '', license = '', dev, devOptional, link }] of Object.entries(
    lock.packages,
  )) {
    const at = path.lastIndexOf('node_modules/');
    if (at < 0 || dev || devOptional || link) continue;
    const name = path.slice(at + 'node_modules/'.length);
    found.set(`${name}@${version}`, { name, version, licence: license });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Whether an expression can be met with allowed licences only: OR needs one side, AND needs both. */
export function isAllowed(expression: string): boolean {
  const bare = expression.trim();
  if (bare === '') return false;
  const either = split(bare, ' OR ');
  if (either.length > 1) return either.some(isAllowed);
  const both = split(bare, ' AND ');
  if (both.length > 1) return both.every(isAllowed);
  return bare.startsWith('(') && bare.endsWith(')') ? isAllowed(bare.slice(1, -1)) : allowed.has(bare);
}

/** Splits outside parentheses. */
function split(text: string, by: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if (depth === 0 && text.startsWith(by, i)) {
      parts.push('');
      i += by.length - 1;
    } else parts.push((parts.pop() ?? '') + text[i]);
  }
  return parts;
}
