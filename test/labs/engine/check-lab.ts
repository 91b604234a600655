/** Runs the checks of a lab on a student's file. Stops at the first failure and makes its counterexample smaller. */
import { type CodeRunner, codeRunner, inTime } from './code-check.ts';
import type { Ground } from './ground.ts';
import type { CodeCheck, Failure, Lab, ServiceCheck } from './lab.ts';
import type { Outcome } from './outcome.ts';
import { randomOf } from './random.ts';
import { type Scenario, smaller } from './scenario.ts';
import { tryOut } from './try-out.ts';

export interface Result {
  name: string;
  status: 'pass' | 'fail' | 'error';
  /** What it saw, if it did not pass. */
  message?: string;
  /** What it measured, if it passed: each with its label. */
  measured?: [string, string][];
}

export interface Verdict {
  seed: string;
  /** The checks that ran, in their order. */
  results: Result[];
  /** The first failure. */
  failed: { check: string; failure: Failure; outcome: Outcome | null } | null;
  milliseconds: number;
}

/** Hints for failures that every lab can have. */
export const commonHints: Record<string, [string, string, string]> = {
  ended: [
    'Your code ended its process. If it printed something, its last lines are above.',
    'An error that nobody catches ends the process, and so does `process.exit`. A syntax error ends it before it starts.',
    'Repair the line of your file that does it. `npm run lab -- reset` restores the file that you started with.',
  ],
  threw: [
    'Your code threw an error. The first line above says which, and where.',
    'A syntax error keeps the file from being loaded. Any other error ends the function that it comes from.',
    'Repair that line. `npm run lab -- reset` restores the file that you started with.',
  ],
  late: [
    'Your code did not come to an end. What does it wait for?',
    'A loop that never ends, or an `await` of something that never happens, lets everything behind it wait.',
    'Make sure that each loop ends and that each promise is settled. `npm run lab -- reset` restores the file that you started with.',
  ],
  nothing: [
    'Your service did not start to read: it created no consumer.',
    'The default export of the file is the function that starts the service. It must create a consumer and run it.',
    '`npm run lab -- reset` restores the file that you started with.',
  ],
  stalled: [
    'Your service stood still although rides were waiting. If it printed something, its last lines are above.',
    'A handler that throws is called again with the same message. A handler that never returns blocks its partition.',
    'Make sure that each message is handled and that its offset is committed afterwards.',
  ],
};

export interface Task {
  lab: Lab;
  /** The student's file: an absolute path. */
  file: string;
  seed: string;
  /** The broker. Only called for a lab that needs one. */
  ground: () => Promise<Ground>;
  /** Called before each check. */
  onCheck?: (check: { name: string; does: string }) => void;
  /** What runs the checks of the file's exports. Default: a thread. */
  code?: CodeRunner;
}

/** @throws Error when the broker cannot be used */
export async function checkLab(task: Task): Promise<Verdict> {
  const { lab, file, seed } = task;
  const code = task.code ?? codeRunner(lab, file, seed);
  return checkWith(task, code).finally(() => code.close());
}

async function checkWith({ lab, file, seed, ground, onCheck }: Task, code: CodeRunner): Promise<Verdict> {
  const start = performance.now();
  const results: Result[] = [];
  const verdict = (failed: Verdict['failed']): Verdict => ({
    seed,
    results,
    failed,
    milliseconds: Math.round(performance.now() - start),
  });
  for (const check of lab.checks) {
    const { name } = check;
    onCheck?.(check);
    const measured: [string, string][] = [];
    const failed = 'run' in check ? await runCode(check, measured) : await runService(check);
    if (!failed) {
      results.push({ name, status: 'pass', measured });
      continue;
    }
    const status = ['ended', 'threw', 'late', 'nothing'].includes(failed.failure.hint) ? 'error' : 'fail';
    results.push({ name, status, message: failed.failure.saw });
    return verdict({ check: name, ...failed });
  }
  return verdict(null);

  async function runCode(check: CodeCheck, measured: [string, string][]) {
    const { longest = 10_000 } = check;
    await code.ready();
    const failure = await inTime(
      (open) => code.run(check, open, (line) => measured.push(line)),
      ground,
      longest,
    );
    if (!failure) return null;
    return { failure: { ...failure, evidence: [...(failure.evidence ?? []), ...measured] }, outcome: null };
  }

  async function runService(check: ServiceCheck) {
    const place = { ground: await ground(), file, group: lab.group, effects: lab.effects };
    const attempt = async (scenario: Scenario) => {
      const outcome = await tryOut(place, scenario);
      const failure = common(outcome) ?? check.judge(outcome) ?? stalled(outcome);
      return failure && { failure, outcome };
    };
    const scenario = check.scenario(randomOf(`${seed}/${check.name}`));
    const first = await attempt(scenario);
    if (!first?.failure.ride || first.outcome.stalled) return first; // to wait again would take too long
    for (const less of smaller(scenario, first.outcome.numberOf(first.failure.ride))) {
      const again = await attempt(less);
      if (again?.failure.hint === first.failure.hint) return again;
    }
    return first;
  }
}

function common({ ended }: Outcome): Failure | null {
  if (!ended) return null;
  return ended.how === 'it created no consumer'
    ? { hint: 'nothing', saw: 'Your service created no consumer, so it reads nothing.' }
    : { hint: 'ended', saw: `Your service ended by itself (${ended.how}).` };
}

function stalled({ stalled, ends, committed, input }: Outcome): Failure | null {
  if (!stalled) return null;
  const late = [...ends].filter(([partition, end]) => (committed.get(partition) ?? 0) < end);
  const where = late.map(
    ([partition, end]) => `${input}/${partition} at ${committed.get(partition) ?? 0} of ${end}`,
  );
  return { hint: 'stalled', saw: `Your service stood still. Committed offsets: ${where.join(', ')}.` };
}
