/**
 * `npm run test:brokers`: checks that rideflow works on every supported Kafka release, and that the fault suite detects a
 * faulty one. Prints a Markdown table and a line `N passed, N failed`. Exits with 0 when nothing failed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checked, losesMarkers, PINNED_VERSION } from '../../infra/broker/version.ts';
import { project } from '../support/copy.ts';
import { putIntoReadme } from '../support/readme.ts';
import { faulty } from './faulty.ts';
import { type Part, parts } from './parts.ts';

const releases = ['3.9.2', '4.0.2', '4.2.2', PINNED_VERSION];
const faultyRelease = '4.3.1';
const help = `npm run test:brokers [-- --only VERSION,VERSION] [--faulty] [--readme]

On each of ${releases.join(', ')}: books a ride with npm start, runs the tests of the readers that need a broker, and a part of the
fault suite. Takes half an hour in total. Brokers run as usual, in Docker or as local Java processes.

  --only VERSIONS  only these Kafka releases, 3.9.0 or newer
  --faulty         also ${faultyRelease}, which loses transaction markers: the fault suite must pass there, and fail without our repair
  --readme         writes the table to infra/README.md`;

const options = parseOrExit();
const versions = options.only?.split(',') ?? releases;
if (options.faulty && !versions.includes(faultyRelease)) versions.push(faultyRelease);

const begun = Date.now();
const secondsSince = (moment: number) => `${Math.round((Date.now() - moment) / 1000)} s`;
let passed = 0;
let failed = 0;
const rows: string[][] = [];
for (const version of versions) {
  if (losesMarkers(version)) {
    const [cell = ''] = await run(version, faulty);
    rows.push([`${version}, faulty`, 'not tried', 'not tried', cell, '', '', '', '']);
  } else {
    const row = [version];
    for (const part of parts) row.push(...(await run(version, part)));
    rows.push(row);
  }
}

const heads = ['Kafka', ...parts.flatMap(({ columns }) => columns)];
const table = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
console.log(`\n${table}\n`);
if (options.readme) await putIntoReadme('infra', 'brokers', table);
console.log(`${passed} passed, ${failed} failed, in ${secondsSince(begun)}`);
process.exit(failed > 0 ? 1 : 0);

/** @returns the cells of the table */
async function run(version: string, part: Part): Promise<string[]> {
  const start = Date.now();
  const say = (line: string) =>
    console.log(`${secondsSince(begun).padStart(6)}  ${version}  ${part.name.padEnd(7)}  ${line}`);
  say('begins');
  const { KAFKA_BROKERS: _, ...env } = process.env;
  const found = await part.run(version, { ...env, KAFKA_VERSION: version }, say);
  if (found.reason === undefined) {
    passed++;
    say(`passed after ${secondsSince(start)}`);
    return found.cells;
  }
  failed++;
  const log = join(project, `.rideflow/brokers-${version}-${part.name}.log`);
  await mkdir(join(project, '.rideflow'), { recursive: true });
  await writeFile(log, found.output);
  say(`FAILED after ${secondsSince(start)}: ${found.reason}; output: ${log}`);
  return part.columns.map(() => 'failed');
}

function parseOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        faulty: { type: 'boolean', default: false },
        readme: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    for (const version of values.only?.split(',') ?? []) checked(version, 'A version of --only');
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
