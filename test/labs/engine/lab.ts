/** What a lab consists of. */
import type { ViolationKind } from '../../../infra/check/check.ts';
import type { Edit } from '../../support/edited.ts';
import type { kinds } from './effects.ts';
import type { Ground } from './ground.ts';
import type { Outcome } from './outcome.ts';
import type { Scenario } from './scenario.ts';

export interface Lab {
  number: number;
  /** Also the name of its folder, with the number in front: `01-first-consumer`. */
  name: string;
  title: string;
  /** One line for the list. */
  about: string;
  /** The file that the student edits. */
  file: string;
  /** The consumer group of the service, and what its effects are. */
  group: string;
  effects: keyof typeof kinds;
  /** What the student predicts before the first check. */
  question: Question;
  /** In the order in which they run. The first one that fails ends the check. */
  checks: Check[];
  /** Each hint has three steps: where to look, what is wrong, what to write. */
  hints: Record<string, [string, string, string]>;
  /** Why the guarantee holds, after a pass. */
  holds: string;
  /** What the solution does not protect from. */
  open: string;
  /** The hint that the starter gets. */
  starter: string;
  wrong: WrongRepair[];
}

/** A plausible repair that does not hold. */
export interface WrongRepair {
  name: string;
  /** The hint that it gets. */
  hint: string;
  /** What the edits change (default: `reference`). */
  of?: 'starter' | 'reference';
  edits: Edit[];
}

export interface Question {
  ask: string;
  answers: string[];
  /** Counted from 1. */
  right: number;
  because: string;
}

interface Named {
  /** The expected outcome in the present tense: "a crash loses no ride". */
  name: string;
  /** What happens in this check, as one sentence. */
  does: string;
}

/** A check that runs the student's service on the broker. */
export interface ServiceCheck extends Named {
  scenario: (random: Random) => Scenario;
  judge: (outcome: Outcome) => Failure | null;
}

/** A check of what the student's file exports. */
export interface CodeCheck extends Named {
  /** @param ground the broker; only call it if the check needs one */
  run: (
    exported: Record<string, unknown>,
    random: Random,
    ground: () => Promise<Ground>,
    beside: Beside,
  ) => Promise<Failure | null>;
  /** When it gives up, in milliseconds. Default: 10 s. */
  longest?: number;
}

/** What a check gets that runs the file itself, in processes of its own. */
export interface Beside {
  /** The student's file: an absolute path. */
  file: string;
  /** Adds a line to what the check measured. It is shown after a pass as well. */
  measured: (label: string, text: string) => void;
}

export type Check = ServiceCheck | CodeCheck;

/** What a check saw. */
export interface Failure {
  /** One of the lab's hints. */
  hint: string;
  /** What is wrong, as one sentence: "The ride … got no points." */
  saw: string;
  /** The ride that shows it: its identity for the checker. */
  ride?: string | undefined;
  kind?: ViolationKind | undefined;
  /** More facts, each with its label. */
  evidence?: [string, string][];
}

/** The same seed gives the same numbers. */
export interface Random {
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  pick<T>(values: readonly T[]): T;
}
