/** The other modules of this folder and below reach into the insides of one version. The package has no `exports` map, so they can be reached. */
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
if (version !== '2.2.4')
  throw new Error(
    `kafkajs ${version} is installed; this runtime repairs the insides of 2.2.4 and accepts no other`,
  );
