import type { Ground } from './ground.ts';
import type { Row } from './table.ts';

/** How thorough a run is. */
export interface Plan {
  quick: boolean;
  /** How often each side of a comparison is measured. */
  rounds: number;
}

/** Figures that are measured together. */
export interface Group {
  name: string;
  /** For the help. */
  what: string;
  /** How long it takes on a machine with two free cores: in full, and with --quick, where it may be left out. */
  seconds: number;
  quickSeconds: number | null;
  /** Only with --only: beyond what fits into the time of a whole run. */
  extra?: boolean;
  run(ground: Ground, plan: Plan, step: (what: string) => void): Promise<Row[]>;
}
