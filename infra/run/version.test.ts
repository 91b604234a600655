import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const json = (path: string) => JSON.parse(text(path));

test('one version everywhere: packages, lock file, API documents, changelog', () => {
  const { version } = json('package.json');
  const folders = ['shared', ...readdirSync(new URL('services', root)).map((name) => `services/${name}`)];
  const lock = json('package-lock.json');
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  for (const folder of folders.filter((name) => !name.endsWith('.md'))) {
    const { version: own, dependencies } = json(`${folder}/package.json`);
    const wanted = folder === 'shared' ? undefined : version;
    expect([folder, own, dependencies['@rideflow/shared']]).toEqual([folder, version, wanted]);
    expect(lock.packages[folder]).toMatchObject({ version, dependencies });
  }
  for (const name of ['openapi', 'asyncapi']) expect(json(`shared/${name}.json`).info.version).toBe(version);
  expect(/^## (\S+)$/m.exec(text('.github/CHANGELOG.md'))?.[1]).toBe(version);
  expect(text('services/README.md')).toContain(`"@rideflow/shared": "${version}"`);
});
