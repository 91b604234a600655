/** The commands of a student. Each returns its exit status. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { labs } from './all.ts';
import { checkLab, commonHints, type Verdict } from './engine/check-lab.ts';
import { counterexample } from './engine/counterexample.ts';
import { given, own } from './engine/folders.ts';
import { Ground } from './engine/ground.ts';
import { keep, kept, release, takeTurn } from './engine/keep.ts';
import type { Lab } from './engine/lab.ts';
import { type Report, send } from './engine/report.ts';
import { resultsOf } from './engine/results.ts';
import { type LabState, readState, type State, writeState } from './engine/state.ts';
import { endSpare } from './engine/try-out.ts';

const project = join(import.meta.dirname, '../..');
const shown = (path: string) => relative(process.cwd(), path) || '.';
const [bold, dim, green, red] = (['bold', 'dim', 'green', 'red'] as const).map(
  (style) => (text: string) => styleText(style, text),
) as [Paint, Paint, Paint, Paint];
type Paint = (text: string) => string;

export function list(): number {
  const state = readState();
  for (const lab of labs) {
    const { number, title, about } = lab;
    const mark = number === state.current ? '→' : ' ';
    console.log(
      `${mark} ${String(number).padStart(2)}  ${title.padEnd(22)} ${stateOf(state.labs[lab.name]).padEnd(20)} ${about}`,
    );
  }
  console.log(`\n${onward(state)}`);
  return 0;
}

/** The first lab that is not passed, in order: from the current one on, and then from the start. */
function nextOf({ current, labs: mine }: Pick<State, 'current' | 'labs'>): Lab | undefined {
  const left = labs.filter(({ name }) => !mine[name]?.passed);
  return left.find(({ number }) => number >= (current ?? 0)) ?? left[0];
}

/** What to do now, as one line. */
function onward({ current, labs: mine }: State): string {
  const at = labs.find(({ number }) => number === current);
  if (!at) return 'Begin: npm run lab -- start 1';
  if (!mine[at.name]?.passed) return `You are at lab ${at.number}: npm run lab -- check`;
  const left = nextOf({ current, labs: mine });
  return left ? `Next: npm run lab -- next   (lab ${left.number}: ${left.title})` : 'All labs are passed.';
}

/** Reports to the board, if the student asked for it. */
async function tell({ report }: State, lab: Lab, status: Report['status'], check?: string) {
  if (!report) return;
  const { to, name } = report;
  const problem = await send(to, { version: 1, name, lab: lab.number, status, ...(check && { check }) });
  if (problem) console.log(dim(`not reported to ${to}: ${problem}`));
}

function stateOf(lab: LabState | undefined): string {
  if (!lab) return 'not started';
  if (lab.passed) return 'passed';
  return lab.checks === 0 ? 'started' : `not yet, ${lab.checks} ${lab.checks === 1 ? 'check' : 'checks'}`;
}

/**
 * Prepares the folder of a lab. Files that are there already stay as they are.
 * @param report where to report results from now on, and under which name; `null` ends that
 */
export async function start(lab: Lab, report?: State['report'] | null): Promise<number> {
  const state = readState();
  if (report) state.report = report;
  if (report === null) delete state.report;
  const folder = own(lab);
  mkdirSync(folder, { recursive: true });
  const file = own(lab, lab.file);
  const again = existsSync(file);
  if (!again) cpSync(given(lab, 'starter'), folder, { recursive: true });
  copyFileSync(given(lab, 'README.md'), join(folder, 'README.md'));
  state.current = lab.number;
  state.labs[lab.name] ??= { started: new Date().toISOString(), checks: 0 };
  writeState(state);
  console.log(`${bold(`Lab ${lab.number}: ${lab.title}`)}${again ? ', your file is still there' : ''}

  read   ${shown(join(folder, 'README.md'))}
  edit   ${shown(file)}
  then   npm run lab -- check
`);
  if (report)
    console.log(
      `Each check now sends your name (${report.name}), the lab and its result to ${report.to}, and nothing else. End that: --report none\n`,
    );
  await tell(state, lab, 'started');
  return 0;
}

export async function check(
  lab: Lab,
  options: { seed?: string | undefined; watch: boolean; predict?: number | undefined },
): Promise<number> {
  const file = own(lab, lab.file);
  if (!existsSync(file))
    throw new Error(`${shown(file)} is not there. Prepare it: npm run lab -- start ${lab.number}`);
  await predict(lab, options.predict);
  let ground: Ground | undefined;
  const open = async () => {
    const { brokers } = await step('broker', (say) => keep(say));
    if (ground && String(ground.brokers) === String(brokers)) return ground;
    await ground?.close(); // the broker has been stopped since the last check
    ground = undefined;
    const opened = new Ground(brokers);
    await opened.open();
    ground = opened;
    return ground;
  };
  try {
    for (;;) {
      const release = await takeTurn((owner) =>
        console.log(dim(`Another check runs, in process ${owner}. Waiting for it.`)),
      );
      const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      try {
        const passed = await checkOnce(
          lab,
          options.seed ?? readState().seed,
          open,
          () => kept()?.flow ?? null,
        );
        if (!options.watch) return passed ? 0 : 1;
      } catch (error) {
        if (!options.watch) throw error;
        console.log((error as Error).message);
      } finally {
        release();
      }
      console.log(dim(`\nwaiting for a change of ${shown(file)}; Ctrl-C ends`));
      // By polling: some file systems, such as those of WSL2, send no events.
      while ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? changed) === changed) {
        await sleep(400);
        kept(); // the broker stays while somebody watches
      }
      console.log();
    }
  } finally {
    await endSpare();
    await ground?.close();
  }
}

async function checkOnce(
  lab: Lab,
  seed: string,
  ground: () => Promise<Ground>,
  flow: () => string | null,
): Promise<boolean> {
  console.log(bold(`Lab ${lab.number}: ${lab.title}`));
  let done = () => {};
  const verdict = await checkLab({
    lab,
    file: own(lab, lab.file),
    seed,
    ground,
    onCheck: ({ name, does }) => {
      done();
      if (process.stdout.isTTY) process.stdout.write(`  … ${name}: ${dim(does)}`);
      done = () => process.stdout.isTTY && process.stdout.write('\r\x1b[2K');
    },
  });
  done();
  for (const { name, status, measured = [] } of verdict.results) {
    console.log(status === 'pass' ? `  ${green('✓')} ${name}` : `  ${red('✗')} ${name}`);
    for (const [label, text] of measured) console.log(dim(`    ${label.padEnd(10)} ${text}`));
  }
  const left = lab.checks.length - verdict.results.length;
  if (left > 0) console.log(dim(`    ${left} more ${left === 1 ? 'was' : 'were'} not run`));
  const state = readState();
  const mine = state.labs[lab.name] ?? { started: new Date().toISOString(), checks: 0 };
  state.labs[lab.name] = mine;
  mine.checks++;
  const first = mine.checks === 1;
  record(mine, verdict);
  writeState(state);
  writeFileSync(own(lab, 'results.json'), `${JSON.stringify(resultsOf(lab, verdict), null, 2)}\n`);
  const { status } = resultsOf(lab, verdict);
  await tell(state, lab, status, verdict.failed?.check);
  if (verdict.failed) showFailure(lab, verdict, flow(), first);
  else showPass(lab);
  if (first) showPrediction(lab, mine);
  console.log(
    dim(`\n${(verdict.milliseconds / 1000).toFixed(1)} s, seed ${seed}, ${shown(own(lab, 'results.json'))}`),
  );
  return verdict.failed === null;
}

function record(mine: LabState, { failed }: Verdict) {
  if (!failed) {
    mine.passed ??= new Date().toISOString();
    delete mine.last;
    return;
  }
  const { hint, saw } = failed.failure;
  const step = mine.last?.hint === hint ? mine.last.shown : 1;
  mine.last = { check: failed.check, hint, saw, shown: step };
}

function showFailure(lab: Lab, { failed, seed }: Verdict, flow: string | null, first: boolean) {
  if (!failed) return;
  const { failure, outcome } = failed;
  console.log(`\n${bold(failure.saw)}`);
  for (const [label, text] of counterexample(failure, outcome, flow))
    console.log(`  ${label.padEnd(10)} ${text}`);
  console.log(`  ${'repeat'.padEnd(10)} npm run lab -- check ${lab.number} --seed ${seed}`);
  if (first && untouched(lab))
    console.log('\nThis failure is expected the first time: the file has a fault on purpose.');
  const mine = readState().labs[lab.name]?.last;
  console.log();
  for (let step = 1; step <= (mine?.shown ?? 1); step++) showHint(lab, failure.hint, step);
}

function showHint(lab: Lab, hint: string, step: number) {
  const steps = lab.hints[hint] ?? commonHints[hint];
  console.log(`${bold(`Hint ${step} of 3:`)} ${steps?.[step - 1]}`);
}

function showPass(lab: Lab) {
  console.log(
    `\n${green('It holds.')} ${lab.holds}\n\n${bold('What this does not protect you from:')} ${lab.open}`,
  );
  console.log(`\n${bold('The difference to our solution')}`);
  console.log(difference(lab));
  console.log(`\n${onward(readState())}`);
}

/** The student's file is still the one that the lab begins with. */
const untouched = (lab: Lab): boolean =>
  readFileSync(own(lab, lab.file)).equals(readFileSync(given(lab, 'starter', lab.file)));

/** From the student's file to the reference, as a unified diff. */
function difference(lab: Lab): string {
  const { stdout, error } = spawnSync(
    'git',
    [
      'diff',
      '--no-index',
      '--no-color',
      '--unified=1',
      own(lab, lab.file),
      given(lab, 'reference', lab.file),
    ],
    { encoding: 'utf8' },
  );
  if (error) return `  our solution: ${shown(given(lab, 'reference', lab.file))}`;
  const lines = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !/^(diff|index|---|\+\+\+)/.test(line));
  return lines.length === 0 || !stdout ? '  none' : lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

async function predict(lab: Lab, given: number | undefined) {
  const state = readState();
  const mine = state.labs[lab.name];
  const { ask, answers } = lab.question;
  if (given !== undefined && given > answers.length)
    throw new Error(`--predict ${given}: this question has answers 1 to ${answers.length}.`);
  if (!mine || mine.predicted !== undefined || mine.checks > 0) return;
  console.log(`${bold('Before the first check:')} ${ask}`);
  answers.forEach((answer, i) => {
    console.log(`  ${i + 1}  ${answer}`);
  });
  if (given === undefined && process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const said = await terminal.question(`Your answer, 1 to ${answers.length} (Enter: none): `);
    terminal.close();
    given = Number(said) >= 1 && Number(said) <= answers.length ? Number(said) : undefined;
  }
  if (given !== undefined) {
    mine.predicted = given;
    writeState(state);
  }
  console.log();
}

function showPrediction(lab: Lab, { predicted }: LabState) {
  const { answers, right, because } = lab.question;
  const said =
    predicted === undefined
      ? 'You gave no answer (next time: npm run lab -- check --predict N)'
      : `You said ${predicted}`;
  const verdict = predicted === right ? 'Right' : `The answer is ${right}: ${answers[right - 1]}`;
  console.log(
    `\n${bold('Your prediction.')} ${said}. ${verdict}${/[.!]$/.test(verdict) ? '' : '.'} ${because}`,
  );
}

export function hint(lab: Lab): number {
  const state = readState();
  const last = state.labs[lab.name]?.last;
  if (!last) {
    console.log(
      state.labs[lab.name]?.passed
        ? `Lab ${lab.number} is passed. There is nothing to hint at.`
        : 'A hint fits a failure that was seen. First run: npm run lab -- check',
    );
    return 0;
  }
  last.shown = Math.min(3, last.shown + 1);
  writeState(state);
  console.log(`The last check saw: ${last.saw}\n`);
  for (let step = 1; step <= last.shown; step++) showHint(lab, last.hint, step);
  if (last.shown === 3) console.log(dim('\nThat was the last step. Our solution: npm run lab -- solution'));
  return 0;
}

export function solution(lab: Lab): number {
  const state = readState();
  const mine = state.labs[lab.name];
  if (!mine) throw new Error(`You have not started lab ${lab.number}: npm run lab -- start ${lab.number}`);
  if (!mine.passed && !mine.asked) {
    console.log(
      `You have not passed lab ${lab.number}. To see the solution anyway, ask once more: npm run lab -- solution ${lab.number}`,
    );
    writeState({ ...state, labs: { ...state.labs, [lab.name]: { ...mine, asked: true } } });
    return 0;
  }
  console.log(readFileSync(given(lab, 'reference', lab.file), 'utf8'));
  console.log(
    `${bold('From your file to this one')}\n${difference(lab)}\n\n${bold('Why it holds:')} ${lab.holds}`,
  );
  return 0;
}

export function reset(lab: Lab): Promise<number> {
  const file = own(lab, lab.file);
  if (existsSync(file) && untouched(lab)) console.log(`${shown(file)} is as it was. Nothing to reset.`);
  else if (existsSync(file)) {
    const aside = `${file}.${new Date().toISOString().replaceAll(':', '-')}`;
    renameSync(file, aside);
    console.log(`The lab is reset. Your file is now ${shown(aside)}.`);
  }
  return start(lab);
}

export async function next(): Promise<number> {
  const state = readState();
  const left = nextOf(state);
  if (left) return start(left);
  console.log('All labs are passed.');
  return 0;
}

export function status(lab: Lab): number {
  const state: State = readState();
  const mine = state.labs[lab.name];
  console.log(`Lab ${lab.number}: ${lab.title}: ${stateOf(mine)}`);
  if (mine?.last) console.log(`  last check  ✗ ${mine.last.check}\n              ${mine.last.saw}`);
  console.log(`  your file   ${shown(own(lab, lab.file))}\n  your seed   ${state.seed}`);
  console.log(`  ${onward(state)}`);
  if (state.report) console.log(`  reported    to ${state.report.to} as ${state.report.name}`);
  return 0;
}

export function doctor(): number {
  const { status } = spawnSync(process.execPath, [join(project, 'infra/doctor.ts')], { stdio: 'inherit' });
  const found = kept();
  console.log(
    found
      ? `\nThe broker of the labs runs: ${found.how}\nFlow page: ${found.flow}`
      : '\nThe broker of the labs does not run. A check starts it.',
  );
  return status ?? 1;
}

export async function prepare(): Promise<number> {
  const { how, flow } = await step('broker', (say) => keep(say));
  console.log(
    `  ${green('✓')} ${how}\n  ${green('✓')} flow page: ${flow}\nThe labs now work offline. It ends after 20 unused minutes, or with: npm run lab -- stop`,
  );
  return 0;
}

export async function stop(): Promise<number> {
  console.log(
    (await release()) ? 'The broker of the labs has stopped.' : 'The broker of the labs does not run.',
  );
  return 0;
}

/** Shows what a slow step does, if it takes long enough to be seen. */
async function step<T>(name: string, run: (say: (line: string) => void) => Promise<T>): Promise<T> {
  if (kept()) return run(() => {});
  console.log(`  … ${name}: starting, once; it stays warm for the next checks`);
  return run((line) => console.log(dim(`    ${line}`)));
}
