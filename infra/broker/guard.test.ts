import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { endProcess, isAlive, spawnGuarded } from './guard.ts';

const here = { cwd: import.meta.dirname, env: process.env, out: 2 };

test('a guarded process ends when its parent is killed', async () => {
  // The guarded process holds the standard output of its parent open: its end is the end of that stream.
  const script = `
    import { spawnGuarded } from ${JSON.stringify(join(import.meta.dirname, 'guard.ts'))};
    const child = spawnGuarded('sleep', ['600'], { cwd: '/', env: process.env, out: 1 });
    console.log(child.pid);`;
  const parent = spawn('node', ['--no-warnings', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: parent.stdout });
  const [pid] = await once(lines, 'line');
  expect(isAlive(Number(pid))).toBe(true);

  parent.kill('SIGKILL');
  await once(parent, 'close');
});

test('a guarded process that does not listen is killed after the given patience', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rideflow-guard-'));
  const watcher = watch(dir);
  const script = 'trap "" TERM; : >ready; exec sleep 600';
  const child = spawnGuarded('/bin/sh', ['-c', script], { ...here, cwd: dir });
  await once(watcher, 'change');
  watcher.close();
  await endProcess(child, 10);
  expect(child.signalCode).toBe('SIGKILL');
  await rm(dir, { recursive: true });
});

test('the exit code of a guarded process is its own', async () => {
  const child = spawnGuarded('/bin/sh', ['-c', 'exit 7'], here);
  expect(await once(child, 'exit')).toEqual([7, null]);
});
