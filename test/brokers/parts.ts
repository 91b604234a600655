/** The tests on each Kafka release: a ride, the tests of the readers, and a part of the fault suite. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { freeOffset } from '../../infra/system/ports.ts';
import { project } from '../support/copy.ts';
import { type Ended, runProgram } from './program.ts';

/** The result of a part. It passed if there is no reason. */
export interface Found {
  cells: string[];
  reason?: string;
  output: string;
}

export interface Part {
  name: string;
  /** The headers of its columns in the table. */
  columns: string[];
  /** @param env has KAFKA_VERSION @param say for progress */
  run(version: string, env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<Found>;
}

/** The scenarios that involve Kafka itself. */
const scenarios = ['crashes', 'zombie', 'broker', 'ends', 'cluster', 'answers'];

const ride: Part = {
  name: 'ride',
  columns: ['a ride, from request to mail'],
  async run(version, env, say) {
    const data = await mkdtemp(join(tmpdir(), 'rideflow-brokers-'));
    try {
      const offset = await freeOffset(1000 + Math.floor(Math.random() * 20_000), 1);
      const args = ['infra/start.ts', '--once', '--port-offset', String(offset), '--data', data];
      const ended = await runProgram(args, env, (line) => {
        if (/broker|mailed|failed/.test(line)) say(line.trim());
      });
      const ms = /(\d+ ms) {2}mailed/.exec(ended.output)?.[1];
      const runs = ended.output.includes(`Kafka ${version} runs`);
      const reason = reasonOf(ended, [
        [runs, `no line says that Kafka ${version} runs`],
        [ms, 'no mail'],
      ]);
      return { cells: [ms ?? ''], output: ended.output, ...reason };
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  },
};

const readers: Part = {
  name: 'readers',
  columns: ["readers' tests"],
  async run(_version, env, say) {
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const ended = await runProgram([...jest, ...(await readersTests())], env, (line) => {
      if (/^(PASS|FAIL) |^ {2}●/.test(line)) say(line.trim());
    });
    const passed = /(\d+) passed, \d+ failed/.exec(ended.output)?.[1];
    return {
      cells: [`${passed} passed`],
      output: ended.output,
      ...reasonOf(ended, [[Number(passed) > 0, 'no test ran']]),
    };
  },
};

const faults: Part = {
  name: 'faults',
  columns: ['faults', 'rides accepted meanwhile', 'lost', 'decided twice', 'out of order'],
  async run(_version, env, say) {
    const ended = await runFaults(env, scenarios, say, { share: true });
    const rows = rowsOf(ended.output);
    const sum = (column: number) => String(rows.reduce((total, row) => total + Number(row[column]), 0));
    return {
      cells: [`${rows.length} scenarios, ${sum(1)} rounds`, sum(2), sum(3), sum(4), sum(5)],
      output: ended.output,
      ...reasonOf(ended, [[rows.length === scenarios.length, 'a scenario has no row']]),
    };
  },
};

export const parts: Part[] = [ride, readers, faults];

/** @param folder a copy of the project, instead of the project itself */
export function runFaults(
  env: NodeJS.ProcessEnv,
  only: string[],
  say: (line: string) => void,
  { share = false, folder }: { share?: boolean; folder?: string } = {},
) {
  const args = ['test/faults/run.ts', '--only', only.join(), ...(share ? ['--share'] : [])];
  const onLine = (line: string) => {
    if (/^ *\d+ s /.test(line)) say(line.replace(/^ *\d+ s +/, ''));
  };
  return runProgram(args, env, onLine, folder);
}

/** The scenarios that passed, as the fault suite's table has them: what was done, rounds, rides accepted, lost, twice, out of order. */
function rowsOf(output: string): string[][] {
  return output
    .split('\n')
    .filter((line) => /^\| .* \| \d+ \| \d+ \|/.test(line))
    .map((line) => line.slice(2, -2).split(' | '));
}

/** @param needed what must hold of a program that says that all went well, each with why it did not */
function reasonOf({ status }: Ended, needed: [unknown, string][]): { reason?: string } {
  if (status !== 0) return { reason: `it ended with ${status}` };
  const missing = needed.find(([holds]) => !holds);
  return missing ? { reason: missing[1] } : {};
}

/** The tests of the delivery runtime that start a broker. */
async function readersTests(): Promise<string[]> {
  const folder = join(project, 'shared/src/kafka');
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true })) {
    const file = join(folder, entry);
    if (entry.endsWith('.test.ts') && (await readFile(file, 'utf8')).includes('/test/support/broker.ts'))
      found.push(relative(project, file));
  }
  return found.sort();
}
