/** `npm run lab -- grade`: runs submissions again, and writes a CSV. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { labs } from '../all.ts';
import { folder } from '../engine/keep.ts';
import { type Box, containers, processes } from './boxes.ts';
import type { Graded } from './grade-one.ts';
import { nameFrom, readSubmission, type Submission, unpack } from './submission.ts';

export interface Row {
  name: string;
  /** Empty if the submission could not be read. */
  lab: number | '';
  status: Graded['status'] | 'timeout';
  check: string;
  saw: string;
  seconds: number | '';
}

/** How long a submission may take to start, with its broker, in milliseconds. */
const startLimit = 60_000;

export interface GradeOptions {
  /** The CSV file. */
  out: string;
  seed?: string | undefined;
  /** How long each lab of a submission may take, in seconds. */
  limit: number;
}

/** @returns the exit status: 0 if every submission could be run, whatever its grade */
export async function grade(paths: string[], options: GradeOptions): Promise<number> {
  const submissions = paths.map(submissionAt);
  const seed = options.seed ?? randomBytes(3).toString('hex');
  const box = (await containers(process.env, console.log)) ?? processes();
  console.log(`${box.how}\nSeed ${seed}, the same for all.\n`);
  const rows: Row[] = [];
  const limit = options.limit * 1000;
  for (const submission of submissions) {
    const found =
      'problem' in submission ? [submission.problem] : await gradeOne(submission, seed, box, limit);
    rows.push(...found);
    for (const { lab, status, check, saw } of found)
      console.log(
        `  ${submission.name.padEnd(24)} lab ${String(lab).padStart(2)}  ${status.padEnd(8)} ${check || saw}`,
      );
  }
  const out = resolve(options.out);
  writeFileSync(out, csvOf(rows, seed));
  const passed = rows.filter(({ status }) => status === 'pass').length;
  console.log(`\n${submissions.length} submissions, ${passed} of ${rows.length} labs passed: ${out}`);
  return 0;
}

/** One that cannot be read is a row too: it must not keep the others from being graded. @throws Error when it is not there */
function submissionAt(path: string): Submission | { name: string; problem: Row } {
  if (!existsSync(path)) throw new Error(`There is no ${path}.`);
  try {
    return readSubmission(path, labs);
  } catch (error) {
    const name = nameFrom(path);
    const saw = (error as Error).message;
    return { name, problem: { name, lab: '', status: 'error', check: '', saw, seconds: '' } };
  }
}

/** Runs the labs of a submission. After one that takes too long, the others are run anew. */
async function gradeOne(submission: Submission, seed: string, box: Box, limit: number): Promise<Row[]> {
  const { name, files } = submission;
  const rows: Row[] = [];
  const left = new Map(files);
  while (left.size > 0) {
    const { graded, problem } = await runOne({ name, files: left }, seed, box, limit);
    rows.push(...graded.map((one) => ({ name, ...one })));
    const done = new Set(graded.map(({ lab }) => lab));
    for (const lab of [...left.keys()].filter(({ number }) => done.has(number))) left.delete(lab);
    const [next] = left.keys();
    if (!next) break;
    rows.push({ name, lab: next.number, check: '', seconds: '', ...problem });
    left.delete(next);
  }
  return rows;
}

/** @returns the labs that were graded, in their order, and what was wrong with the one after them */
async function runOne(submission: Submission, seed: string, box: Box, limit: number) {
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, 'graded-'));
  chmodSync(place, 0o755); // the user in a container reads it
  unpack(submission, place);
  const graded: Graded[] = [];
  let late = false;
  const run = await box.run(place, seed);
  const timerFor = (milliseconds: number) =>
    setTimeout(() => {
      late = true;
      run.kill();
    }, milliseconds);
  let timer = timerFor(startLimit + limit);
  try {
    const ended = once(run.child, 'exit');
    for await (const line of createInterface({ input: outputOf(run.child) })) {
      const one = gradedIn(line);
      if (!one) continue;
      graded.push(one);
      clearTimeout(timer);
      timer = timerFor(limit);
    }
    await ended;
  } finally {
    clearTimeout(timer);
    run.kill(); // whatever the submission has started and left
    await run.end();
    rmSync(place, { recursive: true, force: true });
  }
  const problem: Pick<Row, 'status' | 'saw'> = late
    ? { status: 'timeout', saw: 'It took too long.' }
    : { status: 'error', saw: `It could not be run. ${run.complaint()}`.trim() };
  return { graded, problem };
}

/** The code of a student may print such a line too. */
function gradedIn(line: string): Graded | null {
  try {
    return line.startsWith('{"lab"') ? JSON.parse(line) : null;
  } catch {
    return null;
  }
}

const outputOf = ({ stdout }: ChildProcess) => {
  if (!stdout) throw new Error('its output is not read');
  return stdout;
};

export const csvOf = (rows: Row[], seed: string): string =>
  [
    ['name', 'lab', 'status', 'failed check', 'what it saw', 'seconds', 'seed'],
    ...rows.map(({ name, lab, status, check, saw, seconds }) => [
      name,
      lab,
      status,
      check,
      saw,
      seconds,
      seed,
    ]),
  ]
    .map((row) => `${row.map(cell).join(',')}\r\n`)
    .join('');

/** RFC 4180. A spreadsheet would run a text that begins like a formula, and students choose these texts. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
