/** `npm run lab -- grade`: runs submissions again, and writes a CSV. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { labs } from '../all.ts';
import { folder } from '../engine/keep.ts';
import { type Box, containers, processes } from './boxes.ts';
import type { Graded } from './grade-one.ts';
import { readSubmission, type Submission, unpack } from './submission.ts';

export interface Row {
  name: string;
  lab: number;
  status: Graded['status'] | 'timeout';
  check: string;
  saw: string;
  seconds: number | '';
}

/** How long a submission may take to start, in milliseconds. */
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
  const submissions = paths.map((path) => readSubmission(path, labs));
  const seed = options.seed ?? randomBytes(3).toString('hex');
  const box = (await containers(process.env, console.log)) ?? processes();
  console.log(`${box.how}\nSeed ${seed}, the same for all.\n`);
  const rows: Row[] = [];
  for (const submission of submissions) {
    const found = await gradeOne(submission, seed, box, options.limit * 1000);
    rows.push(...found);
    for (const { lab, status, check } of found)
      console.log(
        `  ${submission.name.padEnd(24)} lab ${String(lab).padStart(2)}  ${status.padEnd(8)} ${check}`,
      );
  }
  const out = resolve(options.out);
  writeFileSync(out, csvOf(rows, seed));
  const passed = rows.filter(({ status }) => status === 'pass').length;
  console.log(`\n${submissions.length} submissions, ${passed} of ${rows.length} labs passed: ${out}`);
  return 0;
}

async function gradeOne(submission: Submission, seed: string, box: Box, limit: number): Promise<Row[]> {
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, 'graded-'));
  chmodSync(place, 0o755); // the user in a container reads it
  unpack(submission, place);
  const { name, files } = submission;
  const graded: Graded[] = [];
  let late = false;
  const run = await box.run(place, seed);
  const timer = setTimeout(
    () => {
      late = true;
      run.kill();
    },
    startLimit + limit * files.size,
  );
  try {
    const ended = once(run.child, 'exit');
    for await (const line of createInterface({ input: outputOf(run.child) }))
      if (line.startsWith('{"lab"')) graded.push(JSON.parse(line));
    await ended;
  } finally {
    clearTimeout(timer);
    run.kill(); // whatever the submission has started and left
    await run.end();
    rmSync(place, { recursive: true, force: true });
  }
  return [...files.keys()].map(({ number }): Row => {
    const found = graded.find(({ lab }) => lab === number);
    if (found) return { name, ...found };
    return {
      name,
      lab: number,
      status: late ? 'timeout' : 'error',
      check: '',
      saw: late ? 'The submission took too long.' : `It could not be run. ${run.complaint()}`.trim(),
      seconds: '',
    };
  });
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
