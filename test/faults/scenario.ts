/** One way to break the system, and the result. */
import type { World, WorldSettings } from './world.ts';

export interface Outcome {
  /** How often it was broken. */
  rounds: number;
  /** Other observations: one short sentence with figures. */
  note?: string;
  /** Why the run is not conclusive. The findings of the checker come first, because broken code can stand still. */
  lacking?: string;
}

export interface Scenario {
  /** One word or two, for `--only`. */
  name: string;
  /** One sentence for a person. */
  what: string;
  /** Needs the whole machine, so nothing else can run in parallel. */
  alone?: true;
  /** Why it cannot run here; null: it can. */
  impossible?(): Promise<string | null>;
  /** Creates the system to break. Default: the normal system. */
  world?: (settings: WorldSettings) => Promise<World>;
  /** Breaks it. @throws Error when it observes a failure */
  run(world: World, say: (line: string) => void): Promise<Outcome>;
}
