/**
 * `npm run licences`: lists the packages that the services need, with licences and known advisories. Exits with 1 when a
 * licence is not allowed. Advisories are listed but do not change the exit status.
 */
import { readFileSync } from 'node:fs';
import { advisories } from './licences/advisories.ts';
import { allowed, isAllowed, productionPackages } from './licences/packages.ts';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const packages = productionPackages(lock);
for (const licence of [...new Set(packages.map((one) => one.licence))].sort()) {
  const names = packages
    .filter((one) => one.licence === licence)
    .map(({ name, version }) => `${name} ${version}`);
  console.log(`${licence || 'no licence'} (${names.length}): ${names.join(', ')}`);
}
const refused = packages.filter(({ licence }) => !isAllowed(licence));
for (const { name, version, licence } of refused)
  console.error(
    `${name} ${version} is under ${licence || 'no licence'}; allowed are ${[...allowed].join(', ')}.`,
  );
if (refused.length === 0) console.log(`All ${packages.length} packages are under an allowed licence.`);
else process.exitCode = 1;

const found = await advisories();
if ('none' in found) console.log(`Advisories: ${found.none}.`);
else if (found.length === 0) console.log('The registry has no advisories for them.');
else for (const one of found) console.log(`Advisory (${one.severity}) for ${one.package}: ${one.title}`);
