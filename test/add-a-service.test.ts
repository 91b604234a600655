/** The worked example of services/README.md, followed to the letter in a copy of the project. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts } from '../infra/broker/ports.ts';
import { Child } from '../infra/system/child.ts';
import { copyOfProject, project } from './support/copy.ts';
import { eventually, startTestSystem, type TestSystem } from './support/system.ts';

let copy: string;
let it: TestSystem;
beforeAll(async () => {
  copy = await copyOfProject();
  await followReadme(copy);
  it = await startTestSystem();
});
afterAll(async () => {
  await it?.stop();
  if (copy) await rm(copy, { recursive: true, force: true });
});

test('the new service of services/README.md compiles', async () => {
  await run('tsc', '-p', 'tsconfig.base.json');
});

test('it counts points for a confirmed ride, and none for a rejected one', async () => {
  const [port = 0] = await freePorts(1);
  const lines: string[] = [];
  const loyalty = new Child({
    name: 'loyalty',
    script: join(copy, 'services/loyalty/src/main.ts'),
    env: { PATH: process.env.PATH, KAFKA_BROKERS: it.broker.brokers.join(','), PORT: String(port) },
    onLine: (line) => void lines.push(line),
    onEnd: (how) => void lines.push(how),
  });
  try {
    await loyalty.ready();
    const location = { lat: 12.97, long: 77.59 };
    const { id } = await it.book({ customer_id: 'user_1', location });
    await it.book({ customer_id: 'user_2', location, payment_token: 'tok_declined' });
    await eventually(async () => {
      const ride = await it.ride(id);
      expect(ride.status).toBe('confirmed');
      const points = await (await fetch(`http://localhost:${port}/points`)).json();
      expect(points).toEqual({ user_1: 10 + (ride.pickup_minutes as number), user_2: 0 });
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${lines.join('\n')}`);
  } finally {
    await loyalty.stop();
  }
});

test('once it returns a message that its row does not write, it no longer compiles', async () => {
  const main = join(copy, 'services/loyalty/src/main.ts');
  const text = await readFile(main, 'utf8');
  await writeFile(
    main,
    text.replace('handle: ({ value: ride }) => {', 'handle: ({ value: ride }) => {\n      return [ride];'),
  );
  await expect(run('tsc', '-p', 'tsconfig.base.json')).rejects.toMatchObject({
    stdout: expect.stringMatching(/loyalty.src.main\.ts/),
  });
});

/** The code blocks of services/README.md: one row for the topology, and files named behind the language. */
async function followReadme(copy: string) {
  const readme = await readFile(join(project, 'services/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```\w+ (topology-row|services\/\S+)\n([\s\S]*?)```/g)];
  expect(blocks.map(([, name]) => name)).toHaveLength(4);
  for (const [, name = '', text = ''] of blocks) {
    if (name === 'topology-row') await addRow(join(copy, 'shared/src/topology.ts'), text);
    else {
      await mkdir(dirname(join(copy, name)), { recursive: true });
      await writeFile(join(copy, name), text);
    }
  }
}

async function addRow(file: string, row: string) {
  const text = await readFile(file, 'utf8');
  const end = '} as const satisfies Record<string, Row>;';
  expect(text).toContain(end);
  await writeFile(file, text.replace(end, row + end));
}

const run = (command: string, ...args: string[]) =>
  promisify(execFile)(join(project, 'node_modules/.bin', command), args, { cwd: copy }).catch((error) => {
    error.message += `\n${error.stdout}`;
    throw error;
  });
