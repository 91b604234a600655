/** The modules in this folder use the internals of one version. The package has no `exports` map, so they are accessible. */
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
if (version !== '2.2.4')
  throw new Error(
    `kafkajs ${version} is installed, but this runtime patches the internals of 2.2.4 and accepts no other version`,
  );
