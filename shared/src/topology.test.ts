import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { allTopics, deadLetterTopic, type ServiceName, topicsOf, topology } from './topology.ts';

test('each reader has its own dead-letter topic', () => {
  expect(deadLetterTopic('transaction')).toBe('ride_details.transaction.dlq');
  expect(deadLetterTopic('email')).toBe('ride_confirmed.email.dlq');
  expect(deadLetterTopic('analytics')).toBe('ride_confirmed.analytics.dlq');
});

test('a service needs the topics of its row and its dead-letter topic; rides shows both sides of a ride', () => {
  expect(topicsOf('rides')).toEqual(['ride_details', 'ride_confirmed']);
  expect(topicsOf('transaction')).toEqual(['ride_details', 'ride_confirmed', 'ride_details.transaction.dlq']);
  expect(topicsOf('email')).toEqual(['ride_confirmed', 'ride_confirmed.email.dlq']);
  expect(topicsOf('analytics')).toEqual(['ride_confirmed', 'ride_confirmed.analytics.dlq']);
});

test('the whole system has two topics and three dead-letter topics, each once', () => {
  expect(allTopics().sort()).toEqual([
    'ride_confirmed',
    'ride_confirmed.analytics.dlq',
    'ride_confirmed.email.dlq',
    'ride_details',
    'ride_details.transaction.dlq',
  ]);
});

test('a service has a guarantee that is possible for it, and exactly once ends at SMTP', () => {
  for (const { guarantee, possible } of Object.values(topology)) expect(possible).toContain(guarantee);
  expect(topology.email.possible).not.toContain('exactly-once');
});

test('flow observes: it sees every topic, reads as no group and writes to none', () => {
  expect(topology.flow).toMatchObject({ reads: null, writes: null, observes: true });
  expect(topicsOf('flow')).toEqual(allTopics());
});

test('a topic has one writer at most', () => {
  const written = Object.values(topology).flatMap(({ writes }) => writes ?? []);
  expect(new Set(written).size).toBe(written.length);
});

// What is allowed and what is not, line by line: fixtures/handlers.ts, which the type check of the project covers.
test('a service that returns a message which its row does not write does not compile', async () => {
  const root = join(import.meta.dirname, '..', '..');
  const folder = await mkdtemp(join(tmpdir(), 'rideflow-types-'));
  try {
    const file = join(folder, 'wrong.ts');
    const from = (path: string) => JSON.stringify(join(import.meta.dirname, path));
    await writeFile(
      file,
      [
        `import { consume } from ${from('kafka/consume.ts')};`,
        `import type { RideConfirmed, RideDetails } from ${from('messages.ts')};`,
        `import type { Service } from ${from('service.ts')};`,
        'declare const service: Service<"transaction">, email: Service<"email">;',
        'declare const right: RideConfirmed, wrong: RideDetails;',
        'void consume(service, { handle: () => [right] });',
        'void consume(service, { handle: () => [wrong] });',
        'void consume(email, { handle: () => {} });',
        'void consume(email, { handle: () => [right] });',
      ].join('\n'),
    );
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: { typeRoots: [join(root, 'node_modules', '@types')] },
        include: [file],
        exclude: [],
      }),
    );
    const output = await compile(root, folder);
    const errors = output.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toEqual([
      expect.stringMatching(
        /wrong\.ts\(7,.* is missing the following properties .* status, payment_status, alloted_driver/,
      ),
      expect.stringMatching(/wrong\.ts\(9,.* is not assignable to type 'void/),
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function compile(root: string, project: string): Promise<string> {
  return new Promise((resolve) => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    execFile(process.execPath, [tsc, '-p', project], (_error, stdout) => resolve(stdout));
  });
}

test('every row of the topology is a service with a folder', async () => {
  const entries = await readdir(join(import.meta.dirname, '..', '..', 'services'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders.sort()).toEqual((Object.keys(topology) as ServiceName[]).sort());
});
