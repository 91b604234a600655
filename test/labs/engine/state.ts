/** Where a student is: one file, `playground/state.json`. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const LabState = z.object({
  started: z.string(),
  /** The predicted answer, counted from 1. */
  predicted: z.number().optional(),
  checks: z.number(),
  passed: z.string().optional(),
  /** The failure of the last check, and how many steps of its hint were shown. */
  last: z.object({ check: z.string(), hint: z.string(), saw: z.string(), shown: z.number() }).optional(),
  /** The solution was asked for once. */
  asked: z.boolean().optional(),
});
const State = z.object({
  version: z.literal(1),
  /** Differs between students, so their rides and crashes differ. */
  seed: z.string(),
  current: z.number().optional(),
  /** Where results are reported, and under which name. Opt-in. */
  report: z.object({ to: z.string(), name: z.string() }).optional(),
  labs: z.record(z.string(), LabState),
});
export type State = z.infer<typeof State>;
export type LabState = z.infer<typeof LabState>;

export const playground = process.env.LABS_PLAYGROUND ?? join(import.meta.dirname, '../../../playground');
const file = () => join(playground, 'state.json');

/** @throws Error when the file has another shape, such as that of a newer version */
export function readState(): State {
  if (!existsSync(file())) return { version: 1, seed: randomBytes(3).toString('hex'), labs: {} };
  try {
    return State.parse(JSON.parse(readFileSync(file(), 'utf8')));
  } catch (error) {
    throw new Error(
      `${file()} cannot be read (${(error as Error).message.split('\n')[0]}). Delete it to start anew; your files stay.`,
    );
  }
}

export function writeState(state: State): void {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(`${file()}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${file()}.new`, file());
}
