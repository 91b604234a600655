/** The previous release, from the history of the project. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linkPackages, project } from './copy.ts';

const run = promisify(execFile);
const git = async (...args: string[]) => (await run('git', ['-C', project, ...args])).stdout.trim();

/**
 * The newest version tag before this commit; without tags, the newest commit that is at least a day older.
 * @throws Error that says what is missing
 */
export async function commitBefore(): Promise<string> {
  const head = await git('log', '-1', '--format=%ct').catch(() => '');
  if (!head) throw new Error('this folder has no git history');
  const tag = await git('describe', '--tags', '--match', 'v[0-9]*', '--abbrev=0', 'HEAD^').catch(() => '');
  const commit = tag || (await git('log', '-1', '--format=%H', `--before=${Number(head) - 86_400}`));
  if (commit) return commit;
  const shallow = (await git('rev-parse', '--is-shallow-repository')) === 'true';
  throw new Error(
    shallow
      ? 'this clone is shallow. Run "git fetch --unshallow" to get the history'
      : 'no commit is a day older than the newest one',
  );
}

/** A folder with the services of a commit and the current packages. The caller removes it. */
export async function servicesOf(commit: string): Promise<string> {
  const parent = join(project, '.rideflow');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'release-'));
  const archive = join(folder, 'release.tar');
  await git('archive', '-o', archive, commit, 'shared', 'services', 'package.json');
  await run('tar', ['-xf', archive, '-C', folder]);
  await linkPackages(folder);
  return folder;
}
