import type { Ground } from './ground.ts';
import type { Row } from './table.ts';

/** The scope of a run. */
export interface Plan {
  quick: boolean;
  /** The number of rounds of a comparison. */
  rounds: number;
}

/** Figures that are measured together. */
export interface Group {
  name: string;
  /** Text for the help. */
  what: string;
  /** Duration on a machine with two free cores: in full, and with --quick if it is part of that. */
  seconds: number;
  quickSeconds: number | null;
  /** Only with --only, because it does not fit into a complete run. The name of its place in the README. */
  extra?: string;
  run(ground: Ground, plan: Plan, step: (what: string) => void): Promise<Row[]>;
}
