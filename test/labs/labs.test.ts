import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Broker } from '../../infra/broker/broker.ts';
import { isAlive } from '../../infra/broker/guard.ts';
import { compileCache } from '../../infra/run/machine.js';
import { edited } from '../support/edited.ts';
import { eventually } from '../support/eventually.ts';
import { takeBroker } from '../support/pool/borrow.ts';
import { firstConsumer } from './01-first-consumer/lab.ts';
import { schemaChange } from './09-schema-change/lab.ts';
import { labs } from './all.ts';
import { checkLab } from './engine/check-lab.ts';
import { inTime } from './engine/code-check.ts';
import { counterexample } from './engine/counterexample.ts';
import { given } from './engine/folders.ts';
import { Ground } from './engine/ground.ts';
import type { CodeCheck, Failure } from './engine/lab.ts';
import { commentedOut, disagreement, proofsOf, shareOf } from './engine/proofs.ts';
import { send } from './engine/report.ts';
import { resultsOf } from './engine/results.ts';
import { smaller } from './engine/scenario.ts';
import { endSpare } from './engine/try-out.ts';
import { openBoard } from './teacher/board.ts';
import { csvOf } from './teacher/grade.ts';
import { readSubmission } from './teacher/submission.ts';

/** A zip file with playground/01-first-consumer/loyalty.ts, which says "hers", and ../evil.ts. */
const archive =
  'UEsDBBQAAAAIAG65el3JMs9FBgAAAAQAAAAnAAAAcGxheWdyb3VuZC8wMS1maXJzdC1jb25zdW1lci9sb3lhbHR5Ln' +
  'Rzy0gtKgYAUEsDBBQAAAAIAG65el1SMfuNBgAAAAQAAAAKAAAALi4vZXZpbC50c0sty8wBAFBLAQIUAxQAAAAIAG65' +
  'el3JMs9FBgAAAAQAAAAnAAAAAAAAAAAAAACAAQAAAABwbGF5Z3JvdW5kLzAxLWZpcnN0LWNvbnN1bWVyL2xveWFsdH' +
  'kudHNQSwECFAMUAAAACABuuXpdUjH7jQYAAAAEAAAACgAAAAAAAAAAAAAAgAFLAAAALi4vZXZpbC50c1BLBQYAAAAA' +
  'AgACAI0AAAB5AAAAAAA=';

const scratch = mkdtempSync(join(tmpdir(), 'rideflow-labs-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('on a real broker', () => {
  let broker: Broker;
  let ground: Ground;
  beforeAll(async () => {
    broker = await takeBroker(join(scratch, 'kafka'));
    ground = new Ground(broker.brokers);
    await ground.open();
  });
  afterAll(async () => {
    await endSpare();
    await ground?.close();
    await broker?.stop();
  });
  const check = (file: string) =>
    checkLab({ lab: firstConsumer, file, seed: '1', ground: async () => ground });

  test('the counterexample of a lost ride is that ride alone, with its crash', async () => {
    const verdict = await check(given(firstConsumer, 'starter', 'loyalty.ts'));
    const { failure, outcome } = verdict.failed ?? {};
    expect(failure).toMatchObject({ hint: 'commit-first', kind: 'lost' });
    expect(failure?.saw).toMatch(/^The ride ride-\w{4}-\d got no points\.$/);
    const lines = failure ? counterexample(failure, outcome ?? null, 'http://flow') : [];
    expect(Object.fromEntries(lines)).toEqual({
      stored: expect.stringMatching(/^ride_details\/\d\/\d+, customer user_\d$/),
      effect: 'none',
      committed: expect.stringMatching(/^offset \d+ of ride_details\/\d/),
      crash: expect.stringMatching(/^at after-commit: offset \d+ of ride_details\/\d is committed$/),
      booked: 'one ride, the service ran 2 times',
      'see it': expect.stringMatching(/^http:\/\/flow\/rides\/ride-\w{4}-\d$/),
    });
    expect(resultsOf(firstConsumer, verdict)).toMatchObject({
      version: 3,
      status: 'fail',
      message: null,
      tests: [
        { name: firstConsumer.checks[0]?.name, status: 'pass', message: null, task_id: 1 },
        { name: verdict.failed?.check, status: 'fail', message: failure?.saw, task_id: 1 },
      ],
    });
  });

  test('the reference passes', async () => {
    const { results, failed } = await check(given(firstConsumer, 'reference', 'loyalty.ts'));
    expect(failed).toBeNull();
    expect(results.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
  });
});

describe('on the command line', () => {
  const lab = (...args: string[]) =>
    new Promise<{ code: number; text: string }>((resolve) => {
      const env = {
        ...process.env,
        LABS_PLAYGROUND: join(scratch, 'playground'),
        NODE_COMPILE_CACHE: compileCache,
        NODE_OPTIONS: '',
      };
      execFile(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], { env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, text: out + err }),
      );
    });
  const folder = join(scratch, 'playground/09-schema-change');

  test('a lab goes from its start over failures and hints to a pass', async () => {
    expect(await lab('check', '9')).toMatchObject({ code: 2, text: expect.stringContaining('-- start 9') });
    expect(await lab('solution', '9')).toMatchObject({
      code: 2,
      text: expect.stringContaining('-- start 9'),
    });
    expect(await lab('9')).toMatchObject({ code: 2, text: expect.stringContaining('-- start 9') });
    expect(await lab('start', '9')).toMatchObject({ code: 0, text: expect.stringContaining('releases.ts') });

    const first = await lab('check', '--predict', '2');
    expect(first.code).toBe(1);
    expect(first.text).toMatch(/✗ the last release knows only the new name/);
    expect(first.text).toMatch(/expected the first time[\s\S]*Hint 1 of 3[\s\S]*You said 2\. Right/);
    expect(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))).toMatchObject({ status: 'fail' });
    expect(first.text).toContain('4 more were not run');
    expect((await lab('hint')).text).toMatch(/Hint 2 of 3/);
    expect((await lab('reset')).text).toContain('Nothing to reset');

    writeFileSync(join(folder, 'releases.ts'), 'export default [\n  1 2,\n];\n');
    expect((await lab('check')).text).toMatch(
      /threw an error at releases\.ts:2: [\s\S]*Hint 1 of 3: Your code threw/,
    );

    await copyFile(given(schemaChange, 'reference', 'releases.ts'), join(folder, 'releases.ts'));
    const passed = await lab('check');
    expect(passed).toMatchObject({
      code: 0,
      text: expect.stringContaining('What this does not protect you from'),
    });
    expect(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))).toMatchObject({ status: 'pass' });
    expect((await lab('list')).text).toMatch(
      /Schema change +passed[\s\S]*Next: npm run lab -- next {3}\(lab 10:/,
    );
  });
});

test('a scenario becomes smaller: one ride, one crash at its first message', () => {
  const rides = [1, 2, 3].map((number) => ({ number, customer: `user_${number}`, partition: 0 }));
  const lives = [{ rides, crash: 'before-produce:2' }, { crash: 'after-produce:3' }, {}];
  expect(smaller({ lives }, 2)).toEqual([
    { lives: [{ rides: [rides[1]], crash: 'before-produce:1' }, {}] },
    { lives: [{ rides: [rides[1]], crash: 'after-produce:1' }, {}] },
  ]);
  expect(smaller({ lives }, undefined)).toEqual([]);
});

describe('a check that looks at what the file exports', () => {
  const ready = () => Promise.resolve({} as Ground);

  test('what it measured is in its result after a pass, and in the evidence after a failure', async () => {
    const measuring = (failure: Failure | null) =>
      checkLab({
        lab: { ...schemaChange, checks: schemaChange.checks.slice(0, 1) },
        file: '',
        seed: '1',
        ground: ready,
        code: {
          ready: async () => {},
          run: async (_, __, onMeasured) => {
            onMeasured(['lag', '5 rides']);
            return failure;
          },
          close: async () => {},
        },
      });
    expect(await measuring(null)).toMatchObject({
      failed: null,
      results: [{ status: 'pass', measured: [['lag', '5 rides']] }],
    });
    const failure = { hint: 'waits', saw: 'It waits.', evidence: [['where', 'here'] as [string, string]] };
    expect((await measuring(failure)).failed?.failure.evidence).toEqual([
      ['where', 'here'],
      ['lag', '5 rides'],
    ]);
  });

  test('it fails if the code does not return, and not because the broker starts slowly', async () => {
    const slow = () => new Promise<Ground>((resolve) => setTimeout(() => resolve({} as Ground), 300));
    expect(await inTime((open) => open().then(() => null), slow, 100)).toBeNull();
    const never = await inTime((open) => open().then(() => new Promise(() => {})), slow, 100);
    expect(never).toMatchObject({ hint: 'late', saw: expect.stringContaining('0.1 s') });
  });

  test.each([
    ['process.exit(0);', 'ended', 'ended its process'],
    ['throw new Error("no");', 'threw', 'at releases.ts:1: no'],
    ['setTimeout(() => { throw new Error("later"); }); await new Promise(() => {});', 'threw', ': later'],
    ['for (;;);', 'late', 'within 2 s'],
  ])('%s ends its thread and not the check', async (code, hint, saw) => {
    const file = join(scratch, 'releases.ts');
    writeFileSync(file, code);
    const [first, ...others] = schemaChange.checks as CodeCheck[];
    const longest = hint === 'late' ? 2000 : 60_000;
    const lab = { ...schemaChange, checks: [{ ...(first as CodeCheck), longest }, ...others] };
    const { failed } = await checkLab({ lab, file, seed: '1', ground: ready });
    expect(failed?.failure).toMatchObject({ hint, saw: expect.stringContaining(saw) });
  });
});

test.each([
  ['frozen', "process.kill(process.pid, 'SIGSTOP');"],
  ['busy', 'for (;;);'],
])('a %s process of the student ends with the check, also if the check is killed', async (name, code) => {
  const at = (ending: string) => join(scratch, `${name}.${ending}`);
  const order = {
    file: at('ts'),
    brokers: ['localhost:1'],
    database: at('sqlite'),
    journal: at('journal'),
  };
  writeFileSync(
    order.file,
    `import { writeFileSync } from 'node:fs';
writeFileSync('${at('pid')}', String(process.pid));
${code}`,
  );
  writeFileSync(
    at('check.ts'),
    `import { Life } from '${join(import.meta.dirname, 'engine/life.ts')}';
new Life().begin(${JSON.stringify(order)});`,
  );
  const check = spawn(process.execPath, [at('check.ts')], { stdio: 'ignore' });
  const pid = await eventually(() => {
    const found = Number(readFileSync(at('pid'), 'utf8'));
    expect(found).toBeGreaterThan(0);
    return found;
  });
  try {
    check.kill('SIGKILL');
    await eventually(() => expect(isAlive(pid)).toBe(false));
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
});

test('each lab has a README, texts for each hint, and at least two wrong repairs', () => {
  for (const lab of labs) {
    expect(readFileSync(given(lab, 'README.md'), 'utf8')).toContain(`# Lab ${lab.number}: ${lab.title}`);
    expect(Object.keys(lab.hints)).toEqual(
      expect.arrayContaining([lab.starter, ...lab.wrong.map(({ hint }) => hint)]),
    );
    expect(lab.wrong.length).toBeGreaterThanOrEqual(2);
    expect(lab.question.right).toBeLessThanOrEqual(lab.question.answers.length);
    expect(proofsOf(lab, scratch).map(({ of }) => of)).toEqual(
      expect.arrayContaining(['starter', 'starter, commented out', 'reference']),
    );
  }
});

test('a proof that does not hold says how', () => {
  const verdict = { seed: '1', results: [], failed: null, milliseconds: 1 };
  const proof = { of: 'starter', file: '', expected: 'commit-first' };
  expect(disagreement(proof, verdict)).toBe('passes, but must fail');
  const failed = { check: 'c', failure: { hint: 'other', saw: 'It fell.' }, outcome: null };
  expect(disagreement(proof, { ...verdict, failed })).toBe(
    'fails with the hint "other" instead of "commit-first": c: It fell.',
  );
  expect(disagreement({ ...proof, expected: 'other' }, { ...verdict, failed })).toBeNull();
  expect(disagreement({ ...proof, expected: null }, { ...verdict, failed })).toBe('fails: c: It fell.');
  expect(() => commentedOut('no marks')).toThrow('no marks');
  for (const text of ['c', 'a a'])
    expect(() => edited(text, [{ from: 'a', to: 'b' }], 'x.ts')).toThrow(
      'x.ts does not contain exactly once: a',
    );
});

test('the shares of some days in a row have every lab', () => {
  const days = Array.from({ length: Math.ceil(labs.length / 3) }, (_, i) => shareOf(labs, 20_000 + i));
  expect(new Set(days.flat())).toEqual(new Set(labs));
});

test('the board shows what students sent, and keeps it over a restart', async () => {
  const file = join(scratch, 'board.jsonl');
  const first = await openBoard(0, file);
  const { port } = first.server.address() as { port: number };
  const report = {
    version: 1,
    name: 'Ada <b>',
    lab: 9,
    status: 'fail',
    check: 'old readers understand',
  } as const;
  expect(await send(`http://localhost:${port}`, report)).toBeNull();
  expect(await send(`http://localhost:${port}`, { ...report, lab: 77 })).toMatch(
    /400 the board knows no lab 77/,
  );
  expect(await send(`http://localhost:${port}`, { ...report, name: '' })).toMatch(/400 not a result/);
  first.server.close();
  first.server.closeAllConnections();

  const second = await openBoard(0, file);
  const address = `http://localhost:${(second.server.address() as { port: number }).port}`;
  const page = await (await fetch(address)).text();
  expect(page).toContain('Ada &#60;b&#62;');
  expect(page.match(/old readers understand/g)).toHaveLength(2); // beside the student, and among the checks that fail
  second.server.close();
  second.server.closeAllConnections();
  expect(await send(address, report)).toMatch(/ECONNREFUSED/);
});

test('a submission is a folder or a zip file; of it, only the files of the labs are read', () => {
  const folder = join(scratch, 'ada/playground/01-first-consumer');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'loyalty.ts'), 'mine');
  writeFileSync(join(folder, 'other.ts'), 'not read');
  const zip = join(scratch, 'grace.zip');
  writeFileSync(zip, Buffer.from(archive, 'base64'));
  const read = (path: string) => {
    const { name, files } = readSubmission(path, labs);
    return [name, [...files].map(([{ number }, bytes]) => [number, String(bytes)])];
  };
  expect(read(join(scratch, 'ada'))).toEqual(['ada', [[1, 'mine']]]);
  expect(read(join(scratch, 'ada/playground'))).toEqual(['ada', [[1, 'mine']]]);
  expect(read(zip)).toEqual(['grace', [[1, 'hers']]]);
  expect(() => read(join(scratch, 'nobody'))).toThrow('there is no');
  expect(() => read(folder)).toThrow('has no file of a lab');
});

test('the CSV is safe in a spreadsheet', () => {
  const row = {
    name: '=1+1',
    lab: 3,
    status: 'fail',
    check: 'a, b',
    saw: 'said "no"',
    seconds: 1.5,
  } as const;
  const [, line] = csvOf([row], 's').split('\r\n');
  expect(line).toBe(`'=1+1,3,fail,"a, b","said ""no""",1.5,s`);
});
