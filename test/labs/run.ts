/** `npm run lab`: labs in which a student repairs a guarantee, and a program says whether it holds. */
import { parseArgs } from 'node:util';
import { labs } from './all.ts';
import type { Lab } from './engine/lab.ts';
import { readState } from './engine/state.ts';

const help = `npm run lab                         lists the labs and how far you are
npm run lab -- start N              prepares lab N in the folder playground/
npm run lab -- check                runs your code on a real broker, breaks it, and says what holds and what does not
npm run lab -- hint                 one more step of the hint for the failure that the last check saw
npm run lab -- solution             the difference to our solution; before you pass, ask twice
npm run lab -- reset                gives you the files of the lab as they were; yours are kept beside them
npm run lab -- next                 starts the next lab that you have not passed, from the current one on
npm run lab -- status               the lab that you are at, and what its last check saw
npm run lab -- prepare              fetches and starts everything once, so that the labs work offline
npm run lab -- doctor               what is missing on this machine, and whether the broker of the labs runs
npm run lab -- stop                 stops the broker that stays warm between checks; it also ends after 20 unused minutes

  check N           checks another lab than the current one; any command for one lab takes its number
  --watch           checks again after each change of your file, until Ctrl-C
  --seed TEXT       repeats what a check did (default: your own seed)
  --predict N       answers the question before the first check; without a terminal, the check does not ask
  check --all       proves the labs: starter, code commented out and wrong repairs fail, each with its hint; references pass
  --only N,N        with --all: only these labs; the same as check --all N N
  --seeds N         with --all: how many seeds (default 2)
  --share           with --all: three labs and one seed, other ones each day
  --report ADDRESS  with start: each check sends your name and its result to a teacher's board, nothing else; "none" ends that
  --name NAME       with --report: the name that the board shows

For teachers (test/labs/README.md has a plan for two hours):
npm run lab -- board                a page that shows who is at which lab, and which check fails most; --port N (default 4010)
npm run lab -- grade PATH …         runs submissions again (folders or zip files) and writes a CSV; --out FILE (default grades.csv),
                                    --limit N seconds for each lab (default 60), --seed TEXT
  It runs the code of students: with Docker in containers without a network, otherwise on this machine with your rights.

  --help            shows this text

A check writes results.json beside your file, in the shape of version 3 of Exercism's test runner interface.
Exits with 0 if the check passed, with 1 if it did not, and with 2 if it could not run.`;

const known = {
  watch: { type: 'boolean', default: false },
  seed: { type: 'string' },
  predict: { type: 'string' },
  all: { type: 'boolean', default: false },
  only: { type: 'string' },
  seeds: { type: 'string', default: '2' },
  share: { type: 'boolean', default: false },
  report: { type: 'string' },
  name: { type: 'string' },
  port: { type: 'string', default: '4010' },
  out: { type: 'string', default: 'grades.csv' },
  limit: { type: 'string', default: '60' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

try {
  // Ends now: code of students may have left something open.
  process.exit(await main());
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}

async function main(): Promise<number> {
  const { values, positionals } = parse();
  if (values.help || positionals[0] === 'help') {
    console.log(help);
    return 0;
  }
  const [command = 'list', which, ...more] = positionals;
  if (values.all) {
    if (command !== 'check') throw new Error('--all belongs to check: npm run lab -- check --all');
    const { proveAll, shareOf, today } = await import('./engine/proofs.ts');
    const only = values.only?.split(',') ?? positionals.slice(1);
    const chosen = only.length > 0 ? only.map(labOf) : labs;
    if (!values.share) {
      const seeds = Array.from({ length: whole('seeds', values.seeds, 1, 20) }, (_, i) => String(i + 1));
      return proveAll(chosen, seeds);
    }
    const share = shareOf(chosen, today());
    console.log(`The share of today: labs ${share.map(({ number }) => number).join(', ')}, seed ${today()}.`);
    return proveAll(share, [String(today())]);
  }
  if (command === 'grade') {
    const paths = which ? [which, ...more] : [];
    if (paths.length === 0) throw new Error('Which submissions? npm run lab -- grade FOLDER_OR_ZIP …');
    const { grade } = await import('./teacher/grade.ts');
    return grade(paths, { ...values, limit: whole('limit', values.limit, 1, 3600) });
  }
  if (more.length > 0) throw new Error(`"${more[0]}" is one word too many. --help lists what is accepted.`);
  if (command === 'board') {
    const { board } = await import('./teacher/board.ts');
    return board(whole('port', values.port, 1, 65_535));
  }
  const student = await import('./student.ts');
  const chosen = () => labOf(which ?? String(readState().current ?? nothingStarted()));
  switch (command) {
    case 'list':
      return student.list();
    case 'start':
      return student.start(labOf(which ?? nothingStarted()), reportOf(values));
    case 'check':
      return student.check(chosen(), { ...values, predict: answerOf(values.predict) });
    case 'hint':
      return student.hint(chosen());
    case 'solution':
      return student.solution(chosen());
    case 'reset':
      return student.reset(chosen());
    case 'next':
      return student.next();
    case 'status':
      return student.status(chosen());
    case 'doctor':
      return student.doctor();
    case 'prepare':
      return student.prepare();
    case 'stop':
      return student.stop();
    default:
      throw new Error(
        /^\d+$/.test(command)
          ? `Which command for lab ${command}? To begin it: npm run lab -- start ${command}`
          : `There is no command "${command}". --help lists them: npm run lab -- --help`,
      );
  }
}

function parse() {
  try {
    return parseArgs({ options: known, allowPositionals: true });
  } catch (error) {
    throw new Error(`${(error as Error).message.split('. ')[0]}. --help lists what is accepted.`);
  }
}

/** @param text the number of a lab, or its name */
function labOf(text: string): Lab {
  const found = labs.find(({ number, name }) => String(number) === text.replace(/^0/, '') || name === text);
  if (found) return found;
  throw new Error(
    `There is no lab "${text}". Labs: ${labs.map(({ number, name }) => `${number} (${name})`).join(', ')}.`,
  );
}

function nothingStarted(): never {
  throw new Error(`Which lab? Start one: npm run lab -- start ${labs[0]?.number}`);
}

/** Where to report; null: nowhere any more; undefined: as before. */
function reportOf({ report, name }: { report?: string | undefined; name?: string | undefined }) {
  if (report === undefined) return undefined;
  if (report === 'none') return null;
  if (!URL.canParse(report) || !['http:', 'https:'].includes(new URL(report).protocol))
    throw new Error(
      `--report ${report}: must be the address of a board, such as http://192.168.1.5:4010, or "none".`,
    );
  if (!name?.trim() || name.trim().length > 40)
    throw new Error('--report needs --name: 1 to 40 characters that the board shows.');
  return { to: report, name: name.trim() };
}

function answerOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : whole('predict', text, 1, 9);
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} ${text}: must be a whole number from ${least} to ${most}.`);
}
