/** A copy of the project's code that can be changed, with the project's own packages. */
import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '../..');

/** Uses the installed packages of the project, except for `@rideflow/shared`, which is the copy's own. */
export async function copyOfProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'rideflow-copy-'));
  const filter = (path: string) => !path.includes('node_modules') && !path.endsWith('.test.ts');
  for (const part of ['shared', 'services', 'infra', 'test', 'tsconfig.base.json', 'package.json']) {
    await cp(join(project, part), join(copy, part), { recursive: true, filter });
  }
  await linkPackages(copy);
  // The copy uses the Kafka that was fetched for the local broker.
  await linkAll(join(project, '.rideflow'), join(copy, '.rideflow'), ['logs', 'kafka']).catch(() => {});
  return copy;
}

/** Gives a folder with code all installed packages, with its own `@rideflow/shared`. */
export async function linkPackages(folder: string): Promise<void> {
  await linkAll(join(project, 'node_modules'), join(folder, 'node_modules'), ['@rideflow']);
  await mkdir(join(folder, 'node_modules/@rideflow'));
  await symlink(join(folder, 'shared'), join(folder, 'node_modules/@rideflow/shared'));
}

async function linkAll(from: string, to: string, except: string[]) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from)) {
    if (!except.includes(entry)) await symlink(join(from, entry), join(to, entry));
  }
}
