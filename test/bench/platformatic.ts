/** @platformatic/kafka, which is installed when it is needed: only the bench uses it. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../../infra/broker/tools.ts';
import { project } from '../support/copy.ts';

const version = '2.12.1';

export interface Platformatic {
  version: string;
  /** Variables for its control. */
  env: NodeJS.ProcessEnv;
}

/** @returns or the reason why it is not here, as a clause */
export async function findPlatformatic(env = process.env): Promise<Platformatic | string> {
  const folder = join(project, '.rideflow', `platformatic-kafka-${version}`);
  const library = join(folder, 'node_modules/@platformatic/kafka/dist/index.js');
  if (!existsSync(library)) {
    await mkdir(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `@platformatic/kafka@${version}`];
    const { code, output } = await run('npm', args, env, 120_000);
    if (code !== 0) return `npm could not install it: ${/^npm error .*/m.exec(output)?.[0] ?? output}`;
  }
  return { version, env: { LIBRARY: pathToFileURL(library).href } };
}
