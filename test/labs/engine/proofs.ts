/**
 * Proves that a lab grades rightly: its starter fails, its starter with the code commented out fails, each wrong repair fails
 * with the hint that fits, and the reference passes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../infra/broker/broker.ts';
import { edited } from '../../support/edited.ts';
import { checkLab, type Verdict } from './check-lab.ts';
import { given, nameOf } from './folders.ts';
import { Ground } from './ground.ts';
import { folder } from './keep.ts';
import type { Lab } from './lab.ts';
import { endSpare } from './try-out.ts';

export interface Proof {
  /** What is checked: `starter`, `reference`, `starter, commented out`, or `wrong: <name>`. */
  of: string;
  file: string;
  /** The expected hint; null: it must pass; undefined: any failure. */
  expected: string | null | undefined;
}

/** @param scratch a folder inside the project, so that imports work */
export function proofsOf(lab: Lab, scratch: string): Proof[] {
  const fileOf = (of: 'starter' | 'reference') => given(lab, of, lab.file);
  const made = (name: string, source: string) => {
    const file = join(scratch, `${nameOf(lab)}-${name}.ts`);
    writeFileSync(file, source);
    return file;
  };
  const empty = commentedOut(readFileSync(fileOf('starter'), 'utf8'));
  return [
    { of: 'starter', file: fileOf('starter'), expected: lab.starter },
    { of: 'starter, commented out', file: made('commented-out', empty), expected: undefined },
    ...lab.wrong.map(({ name, hint, of = 'reference', edits }) => ({
      of: `wrong: ${name}`,
      file: made(name, edited(readFileSync(fileOf(of), 'utf8'), edits, fileOf(of))),
      expected: hint,
    })),
    { of: 'reference', file: fileOf('reference'), expected: null },
  ];
}

/** The code between the marks becomes comments. @throws Error when there are no marks */
export function commentedOut(source: string): string {
  let inside = 0;
  const lines = source.split('\n').map((line) => {
    if (/^\s*\/\/ --- your part (begins|ends)$/.test(line)) inside++;
    else if (inside % 2 === 1) return `// ${line}`;
    return line;
  });
  if (inside === 0 || inside % 2 === 1)
    throw new Error('the starter has no marks "// --- your part begins" and "ends"');
  return lines.join('\n');
}

/** Why a verdict is not the expected one; null if it is. */
export function disagreement({ expected }: Proof, { failed }: Verdict): string | null {
  const hint = failed?.failure.hint;
  if (expected === null) return failed && `fails: ${failed.check}: ${failed.failure.saw}`;
  if (!failed) return 'passes, but must fail';
  if (expected === undefined || hint === expected) return null;
  return `fails with the hint "${hint}" instead of "${expected}": ${failed.check}: ${failed.failure.saw}`;
}

/** The labs of one day: three of them, other ones each day. */
export function shareOf(labs: Lab[], day: number): Lab[] {
  const first = (day * dailyShare) % labs.length;
  return [...labs.slice(first), ...labs.slice(0, first)].slice(0, dailyShare);
}
const dailyShare = 3;

/** Days since 1970. */
export const today = (): number => Math.floor(Date.now() / 86_400_000);

/** @returns the exit status */
export async function proveAll(labs: Lab[], seeds: string[]): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'rideflow-labs-'));
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'proofs-'));
  const begun = performance.now();
  const seconds = () => `${Math.round((performance.now() - begun) / 1000)} s`;
  let broker: Broker | undefined;
  let opened: Ground | undefined;
  /** Only labs with a service need a broker. */
  const ground = async () => {
    if (opened) return opened;
    broker = await startBroker({ dataDir: data, env: { ...process.env, KAFKA_BROKERS: undefined } });
    opened = new Ground(broker.brokers);
    await opened.open();
    return opened;
  };
  let failed = 0;
  let proven = 0;
  let slowest = 0;
  try {
    for (const lab of labs) {
      for (const proof of proofsOf(lab, scratch)) {
        for (const seed of seeds) {
          const verdict = await checkLab({
            lab,
            file: proof.file,
            seed,
            ground,
          });
          const wrong = disagreement(proof, verdict);
          slowest = Math.max(slowest, verdict.milliseconds);
          if (wrong) failed++;
          else proven++;
          const outcome = verdict.failed ? `fails, hint ${verdict.failed.failure.hint}` : 'passes';
          console.log(
            `${seconds().padStart(6)}  ${nameOf(lab)}  ${wrong ? 'NOT PROVEN' : 'as expected'}  ${proof.of}, seed ${seed}: ${wrong ?? outcome} (${(verdict.milliseconds / 1000).toFixed(1)} s)`,
          );
          if (wrong && verdict.failed?.outcome?.output) console.log(verdict.failed.outcome.output);
        }
      }
    }
  } finally {
    await endSpare();
    await opened?.close();
    await broker?.stop();
    rmSync(data, { recursive: true, force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(
    `${proven} proven, ${failed} failed, in ${seconds()}; the longest check took ${(slowest / 1000).toFixed(1)} s`,
  );
  return failed === 0 ? 0 : 1;
}
